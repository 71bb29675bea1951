import { describe, expect, it } from 'vitest'
import { isWalletAddress } from './walletAddress.ts'

describe('isWalletAddress', () => {
  it('takes short and whole addresses in any case', () => {
    expect(isWalletAddress('0x1')).toBe(true)
    expect(isWalletAddress(`0x${'aB9'.repeat(21)}f`)).toBe(true)
  })
  it('refuses what no account can be', () => {
    for (const text of ['', '0x', '1234', `0x${'a'.repeat(65)}`, '0xg1', ' 0x1', 'javascript:alert(1)'])
      expect(isWalletAddress(text), text).toBe(false)
  })
})
