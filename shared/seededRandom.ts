export interface Random {
  /** 0 ≤ n < 1 */
  next(): number
  whole(below: number): number
  pick<T>(list: readonly T[]): T
  letters(count: number): string
}

/** Numbers that look random and are the same every time (mulberry32). */
export function createRandom(start: number): Random {
  let state = start >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let value = Math.imul(state ^ (state >>> 15), state | 1)
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61)
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296
  }
  const whole = (below: number): number => Math.floor(next() * below)
  return {
    next,
    whole,
    pick: (list) => {
      const item = list[whole(list.length)]
      if (item === undefined) throw new RangeError('pick from an empty list')
      return item
    },
    letters: (count) => Array.from({ length: count }, () => '0123456789abcdefghjkmnpqrstvwxyz'.charAt(whole(32))).join(''),
  }
}
