import type { AccountSession } from '#shared/api/gatewayCalls.ts'

export interface FakeSessions {
  list(): AccountSession[]
  /** Ends those that fit; answers how many there were. */
  end(fits: (session: AccountSession) => boolean): number
}

/** Where somebody is signed in, made up; those that are ended are gone. */
export function createFakeSessions(): FakeSessions {
  const agent = (system: string) => `Mozilla/5.0 (${system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36`
  const session = (sessionId: string, program: string, address: string, agoMs: number, current: boolean): AccountSession => ({
    ...{ sessionId, program, address, current, createdAt: Date.now() - agoMs * 3, lastUsedAt: Date.now() - agoMs },
    expiresAt: Date.now() + 20 * 86_400_000,
  })
  let held: AccountSession[] | null = null
  const all = () =>
    (held ??= [
      session('s1', agent('X11; Linux x86_64'), '192.168.1.20', 40_000, true),
      session('s2', agent('Linux; Android 15'), '192.168.1.33', 5_400_000, false),
      session('s3', 'node', '127.0.0.1', 90_000_000, false),
    ])
  return {
    list: all,
    end(fits) {
      const before = all()
      held = before.filter((one) => !fits(one))
      return before.length - held.length
    },
  }
}
