import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const timeoutMs = 2_000

/** The answer of a D-Bus call or property by systemd's `busctl`, such as `t 12345` or `b true`; null when nobody answers. */
export async function busctl(...args: string[]): Promise<string | null> {
  const answer = await promisify(execFile)('busctl', args, { timeout: timeoutMs }).catch(() => null)
  return answer?.stdout.trim() ?? null
}

export const readUnsigned = (answer: string | null): number | null => {
  const digits = /^[utqy] (\d+)$/.exec(answer ?? '')?.[1]
  return digits === undefined ? null : Number(digits)
}

/** NetworkManager's own numbers: 0 unknown, 1 yes, 2 no, 3 probably yes, 4 probably no. */
export function readMetered(answer: string | null): boolean | null {
  const number = readUnsigned(answer)
  return number === null || number === 0 ? null : number === 1 || number === 3
}

export const askMetered = async (): Promise<boolean | null> =>
  readMetered(
    await busctl(
      'get-property',
      'org.freedesktop.NetworkManager',
      '/org/freedesktop/NetworkManager',
      'org.freedesktop.NetworkManager',
      'Metered',
    ),
  )

/** Idle time under Wayland, where no program may look at the keyboard: GNOME's own monitor, or KDE's screen saver. */
export async function askDesktopIdle(): Promise<number | null> {
  const gnome = ['org.gnome.Mutter.IdleMonitor', '/org/gnome/Mutter/IdleMonitor/Core', 'org.gnome.Mutter.IdleMonitor', 'GetIdletime']
  const kde = ['org.freedesktop.ScreenSaver', '/ScreenSaver', 'org.freedesktop.ScreenSaver', 'GetSessionIdleTime']
  for (const call of [gnome, kde]) {
    const idleMs = readUnsigned(await busctl('--user', 'call', ...call))
    if (idleMs !== null) return idleMs
  }
  return null
}

/**
 * Idle time as logind knows it of whoever sits at the screen: for a service, which belongs to no session. Desktops tell logind only when they
 * themselves call the computer idle, so before that it counts as used. `graphical` false: nobody has a screen here.
 */
export async function askSeatIdle(nowMs: number, ask = busctl): Promise<{ graphical: boolean; idleMs: number | null }> {
  const login = 'org.freedesktop.login1'
  const active = await ask('get-property', login, `/org/freedesktop/login1/seat/seat0`, `${login}.Seat`, 'ActiveSession')
  const session = /^\(so\) "[^"]+" "(\/[^"]+)"$/.exec(active ?? '')?.[1]
  if (session === undefined) return { graphical: false, idleMs: null }
  const property = (name: string) => ask('get-property', login, session, `${login}.Session`, name)
  if (!/^s "(x11|wayland|mir)"$/.test((await property('Type')) ?? '')) return { graphical: false, idleMs: null }
  if ((await property('IdleHint')) !== 'b true') return { graphical: true, idleMs: 0 }
  const sinceMicros = readUnsigned(await property('IdleSinceHint'))
  return { graphical: true, idleMs: sinceMicros === null ? null : Math.max(0, nowMs - sinceMicros / 1_000) }
}
