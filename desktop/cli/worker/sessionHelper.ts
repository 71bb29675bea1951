import { request } from 'node:http'
import type { Clock } from '#shared/log.ts'
import { readSessionFile, type SessionDoor } from '../../launch/sessionFile.ts'

export interface SessionReport {
  session: string
  idleMs: number | null
  fullScreen: boolean | null
}

export interface SessionHelperOptions {
  sessionFile: string
  session: string
  look: () => Promise<Omit<SessionReport, 'session'>>
  clock: Clock
}

const reportEveryMs = 5_000
const answerWithinMs = 3_000

/** Tells the service every few seconds how this session is used; waits while no service runs. Returns its own end. */
export function startSessionHelper({ sessionFile, session, look, clock }: SessionHelperOptions): () => void {
  let stopped = false
  let cancel = () => undefined as void
  const report = async (): Promise<void> => {
    // Read anew each time: a service that was started again listens elsewhere.
    const door = readSessionFile(sessionFile)
    if (door !== null) await send(door, { session, ...(await look()) })
    if (!stopped) cancel = clock.after(reportEveryMs, () => void report())
  }
  void report()
  return () => {
    stopped = true
    cancel()
  }
}

/** Never rejects: a report that was lost is followed by the next. */
function send({ url, token }: SessionDoor, input: SessionReport): Promise<void> {
  return new Promise((resolve) => {
    const body = JSON.stringify({ name: 'session.report', input })
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const asked = request(`${url}/ask`, { method: 'POST', headers, timeout: answerWithinMs }, (response) => {
      response.resume()
      response.on('close', () => resolve())
    })
    asked.on('timeout', () => asked.destroy())
    asked.on('error', () => resolve())
    asked.end(body)
  })
}
