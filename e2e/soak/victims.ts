import type { Farm } from '../support/farm.ts'
import type { Role } from '../support/started.ts'

/** What is killed: one process and nothing else, or a whole computer, as a power cut would. */
export type Victim = 'node' | 'gateway' | 'store' | 'blender' | 'nodeComputer' | 'serverComputer' | 'both'

const roleOf = { node: 'runtime', gateway: 'gateway', store: 'store', blender: 'blender' } as const satisfies Partial<Record<Victim, Role>>

/** kill -9 of the victim, and whatever is needed so that everything runs again. False when it was not there to be killed. */
export async function killVictim(farm: Farm, victim: Victim, byItself: boolean): Promise<boolean> {
  switch (victim) {
    case 'nodeComputer':
      await farm.worker.cutPower()
      await farm.startWorker()
      return true
    case 'serverComputer':
      await farm.server.cutPower()
      await farm.startServer()
      return true
    case 'both':
      await Promise.all([farm.worker.cutPower(), farm.server.cutPower()])
      await Promise.all([farm.startWorker(), farm.startServer()])
      return true
    case 'blender':
      return killOnly(farm, victim)
    case 'node':
    case 'gateway':
    case 'store':
      return killAndReturn(farm, victim, byItself)
  }
}

/** Blender is replaced by the node; nobody waits for it here. */
function killOnly({ worker }: Farm, victim: 'blender'): boolean {
  const pid = worker.processes()[roleOf[victim]]
  if (pid === undefined) return false
  process.kill(pid, 'SIGKILL')
  return true
}

/** `byItself`: whoever supervises the process starts it again; that takes longer each time, so mostly its computer is started again. */
async function killAndReturn(farm: Farm, victim: 'node' | 'gateway' | 'store', byItself: boolean): Promise<boolean> {
  const [computer, restart] = victim === 'node' ? [farm.worker, () => farm.startWorker()] : [farm.server, () => farm.startServer()]
  const killed = await computer.kill(roleOf[victim])
  if (byItself) await computer.waitForRole(roleOf[victim], killed)
  else {
    await computer.cutPower()
    await restart()
  }
  return true
}
