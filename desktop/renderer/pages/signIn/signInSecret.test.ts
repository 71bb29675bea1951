import { describe, expect, it } from 'vitest'
import { takeSignInSecret } from './signInSecret.ts'

function at(href: string) {
  const seen: string[] = []
  const place = {
    location: { href } as Location,
    history: { state: null, replaceState: (_state: unknown, _title: string, url: string) => void seen.push(url) } as unknown as History,
  }
  return { place, seen }
}

describe('takeSignInSecret', () => {
  it('takes the secret from behind the hash and cleans the address', () => {
    const { place, seen } = at('http://127.0.0.1:8090/#link=abc-123')
    expect(takeSignInSecret(place)).toBe('abc-123')
    expect(seen).toEqual(['http://127.0.0.1:8090/'])
  })
  it('takes it from the query too and keeps the rest', () => {
    const { place, seen } = at('http://127.0.0.1:8090/app/?link=abc&theme=dark#/workers')
    expect(takeSignInSecret(place)).toBe('abc')
    expect(seen).toEqual(['http://127.0.0.1:8090/app/?theme=dark#/workers'])
  })
  it('leaves other addresses alone', () => {
    const { place, seen } = at('http://127.0.0.1:8090/#/jobs/job-1')
    expect(takeSignInSecret(place)).toBeNull()
    expect(seen).toEqual([])
  })
})
