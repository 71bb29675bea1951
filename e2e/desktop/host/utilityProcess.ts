import { fork, type ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ForkOptions } from 'electron'
import type { HostPort } from './ports.ts'

const bootstrap = fileURLToPath(new URL('./utilityChild.ts', import.meta.url))
type FromChild = { kind: 'message'; data: unknown } | { kind: 'port'; id: number; data: unknown } | { kind: 'closed'; id: number }

/** The living ones with the names they were given. */
export const utilityNames = new Map<number, string>()

/** A process with `process.parentPort`, over fork's channel. */
class HostUtilityProcess extends EventEmitter {
  readonly #child: ChildProcess
  readonly #ports = new Map<number, HostPort>()
  #last = 0
  pid: number | undefined
  readonly stdout: ChildProcess['stdout']
  readonly stderr: ChildProcess['stderr']

  constructor(script: string, args: readonly string[], options: ForkOptions) {
    super()
    this.#child = fork(script, [...args], {
      execArgv: ['--import', bootstrap, ...(options.execArgv ?? [])],
      // Safe: the callers give plain variables.
      env: { ...(options.env as Record<string, string>) },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      serialization: 'advanced',
    })
    this.pid = this.#child.pid
    if (this.pid !== undefined) utilityNames.set(this.pid, options.serviceName ?? '')
    this.stdout = this.#child.stdout
    this.stderr = this.#child.stderr
    this.#child.on('spawn', () => this.emit('spawn'))
    this.#child.on('message', (message) => this.#receive(message as FromChild))
    // What could not be sent to a process that is just ending is dropped in Electron; its `error` is for V8's own.
    this.#child.on('error', () => undefined)
    this.#child.on('exit', (code) => {
      if (this.pid !== undefined) utilityNames.delete(this.pid)
      this.pid = undefined
      for (const port of this.#ports.values()) port.close()
      this.emit('exit', code ?? 1)
    })
  }

  postMessage(data: unknown, ports: readonly unknown[] = []): void {
    const ids = ports.map((port) => {
      const id = (this.#last += 1)
      // Safe: only this host makes ports.
      const hostPort = port as HostPort
      this.#ports.set(id, hostPort)
      hostPort.transfer((message) => this.#send({ kind: 'port', id, data: message }))
      hostPort.on('close', () => this.#send({ kind: 'closed', id }))
      return id
    })
    this.#send({ kind: 'message', data, ports: ids })
  }
  kill(): boolean {
    return this.#child.kill()
  }
  #send(message: object): void {
    if (this.#child.connected) this.#child.send(message)
  }
  #receive(message: FromChild): void {
    if (message.kind === 'message') this.emit('message', message.data)
    else if (message.kind === 'port') this.#ports.get(message.id)?.postMessage(message.data)
    else this.#ports.get(message.id)?.close()
  }
}

export const hostUtilityProcess = {
  fork: (script: string, args: string[] = [], options: ForkOptions = {}) => new HostUtilityProcess(script, args, options),
}
