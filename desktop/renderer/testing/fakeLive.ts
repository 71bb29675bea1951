import type { LiveNode } from '#shared/sync/live.ts'
import type { NodeDocument } from '#shared/collections/node.schema.ts'
import type { Task } from '#shared/collections/task.schema.ts'
import type { FakeBackend } from './fakeBackend.ts'

const wave = (elapsedMs: number, periodMs: number, low: number, high: number): number =>
  low + ((high - low) * (1 + Math.sin((elapsedMs / periodMs) * 2 * Math.PI))) / 2

/** Hot values that move like those of a node at work. */
export function fakeLiveNode(fake: FakeBackend, nodeId: string, elapsedMs: number): LiveNode | null {
  // Stored documents have the shape of their collection.
  const node = fake.get('nodes', nodeId) as unknown as NodeDocument | undefined
  if (!node) return null
  const [taskId] = node.activeTaskIds
  const task = taskId === undefined ? undefined : (fake.get('tasks', taskId) as unknown as Task | undefined)
  const busy = task !== undefined
  const frameFraction = ((elapsedMs + 20_000) % 34_000) / 34_000
  return {
    nodeId,
    atMs: Date.now(),
    cpuPercent: Math.round(busy ? wave(elapsedMs, 9_000, 22, 48) : wave(elapsedMs, 30_000, 1, 6)),
    ramUsedMiB: Math.round(wave(elapsedMs, 60_000, 14_200, 18_900)),
    ramTotalMiB: node.hardware.ramMiB,
    diskFreeMiB: node.hardware.diskFreeMiB,
    gpus: node.hardware.gpus.map((gpu) => ({
      uuid: gpu.uuid,
      name: gpu.name,
      utilisationPercent: Math.round(busy ? wave(elapsedMs, 13_000, 91, 99) : 0),
      memoryUsedMiB: busy ? 7_400 : 640,
      memoryTotalMiB: gpu.vramMiB,
      temperatureC: busy ? 64 : 38,
      powerW: busy ? Math.round(wave(elapsedMs, 7_000, 290, 340)) : 22,
      fanPercent: busy ? 47 : 0,
    })),
    tasks:
      task && taskId
        ? [
            {
              taskId,
              jobId: task.jobId,
              jobName: task.jobName,
              state: 'rendering',
              frame: task.frames[2] ?? null,
              framesDone: 2,
              framesTotal: task.frames.length,
              fraction: (2 + frameFraction) / task.frames.length,
              frameFraction,
              elapsedMs: 94_000 + elapsedMs,
              remainingMs: (task.frames.length - 2 - frameFraction) * 34_000,
              sample: Math.round(frameFraction * 128),
              samples: 128,
              memoryMiB: 812,
              phase: 'sampling',
            },
          ]
        : [],
  }
}

/** A day of minutes as a node writes them, with an hour in which it was off. */
function metricsText(series: string): string {
  const nowMs = Math.floor(Date.now() / 60_000) * 60_000
  if (!series.endsWith(new Date(nowMs).toISOString().slice(0, 7))) return ''
  return Array.from({ length: 1_440 }, (_, index) => index)
    .filter((index) => index < 900 || index > 960)
    .map((index) => {
      const busy = Math.sin(index / 90) > -0.4
      const wobble = (size: number): number => Math.round(size * (1 + Math.sin(index * 1.7) / 12) * 10) / 10
      const gpus = [0, 1, 2, 3].flatMap((slot) =>
        Array.from({ length: 12 }, (__, worker) => ({
          uuid: `gpu-${worker}-${slot}`,
          ...{ utilisationPercent: busy ? Math.min(100, wobble(92)) : 0, memoryUsedMiB: busy ? 7_400 : 640 },
          ...{ maxTemperatureC: busy ? Math.round(wobble(66)) : 38, powerW: busy ? wobble(310) : 22 },
        })),
      )
      // Some seconds ago, so that none of them stands just where an hour or a day that is shown begins.
      const at = nowMs - (1_440 - index) * 60_000 - 7_000
      return `${JSON.stringify({ at, samples: 6, cpuPercent: busy ? wobble(34) : 3, ramUsedMiB: wobble(17_000), diskFreeMiB: 412_000, tasks: 1, gpus })}\n`
    })
    .join('')
}

/** What a node noted of its own status: mostly up, off on some days. */
function statusText(series: string): string {
  if (!series.startsWith('node/')) return ''
  const dayMs = 86_400_000
  return Array.from({ length: 26 }, (_, index) => index)
    .flatMap((index) => {
      const at = Date.now() - (26 - index) * dayMs
      const off = [4, 11, 12, 19].includes(index)
      return [
        { at, status: 'online', code: 'READY', details: {} },
        { at: at + 3_600_000, status: 'processing', code: 'RENDERING', details: {} },
        ...(off ? [{ at: at + dayMs / 2, status: 'offline', code: 'USER_ACTIVE', details: {} }] : []),
      ]
    })
    .map((entry) => `${JSON.stringify(entry)}\n`)
    .join('')
}

export function logText(series: string): string {
  if (series.startsWith('metrics/')) return metricsText(series)
  if (series.startsWith('node/')) return statusText(series)
  if (!series.startsWith('log/')) return ''
  const lines = [
    'Blender 4.2.3 (hash 0e22e4fcea03 built 2024-10-15)',
    'Read blend: "/tmp/pictor/kitchen_v12.blend"',
    'Using OPTIX: NVIDIA GeForce RTX 4090',
  ]
  for (let frame = 41; frame < 44; frame++)
    for (let sample = 0; sample <= 128; sample += 16)
      lines.push(
        `Fra:${frame} Mem:812.40M (Peak 1204.11M) | Time:00:${String(10 + sample / 8).slice(0, 2)}.12 | Remaining:00:${String(30 - sample / 6).slice(0, 2)}.20 | Scene, ViewLayer | Sample ${sample}/128`,
      )
  lines.push("Warning: Couldn't find texture <script>alert(1)</script>, using pink")
  return `${lines.join('\n')}\n`
}
