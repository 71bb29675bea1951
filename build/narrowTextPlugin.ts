import { decode, encode } from '@jridgewell/sourcemap-codec'
import type { Plugin } from 'vite'

/** What needs more than one byte in the engine. The bundles hold such letters only within strings and patterns, where an escape means the same. */
const wide = /[\u0100-\uffff]/g
const escapeLength = 6

/**
 * Writes letters beyond Latin-1 as `\uXXXX`: one of them alone makes the engine keep the text of its whole file with two bytes a letter,
 * which is memory a node at rest holds for as long as it runs. The source map moves along.
 */
export function narrowTextPlugin(): Plugin {
  return {
    name: 'pictor:narrow-text',
    apply: 'build',
    generateBundle(_options, bundle) {
      for (const output of Object.values(bundle)) {
        if (output.type !== 'chunk') continue
        const { code, map } = output
        const lines = code.split('\n')
        if (map && lines.some((line) => wide.test(line))) map.mappings = moveColumns(map.mappings, lines)
        output.code = code.replace(wide, escaped)
      }
    },
  }
}

const escaped = (letter: string): string => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`

/** The mappings of the same lines once their wide letters are written as escapes. */
export function moveColumns(mappings: string, lines: readonly string[]): string {
  const moved = decode(mappings).map((segments, index) => {
    const wides = [...(lines[index] ?? '').matchAll(wide)].map((match) => match.index)
    let before = 0
    return segments.map((segment) => {
      const column = segment[0]
      while (before < wides.length && (wides[before] ?? 0) < column) before += 1
      segment[0] = column + before * (escapeLength - 1)
      return segment
    })
  })
  return encode(moved)
}
