import type { ReadStream } from 'node:tty'
import { appError, AppErrorException } from '#shared/errors/appError.ts'

export interface Keyboard {
  input: Pick<ReadStream, 'isTTY' | 'setRawMode' | 'resume' | 'pause' | 'on' | 'off'>
  /** Writes where the person looks, never to stdout. */
  say: (text: string) => void
}

/**
 * Asks for a password at the terminal without showing it. null where nobody sits at one. Rejects with AppErrorException CANCELLED on
 * Ctrl-C or the end of the input.
 */
export async function askPassword(question: string, { input, say }: Keyboard): Promise<string | null> {
  if (!input.isTTY) return null
  say(question)
  input.setRawMode(true)
  input.resume()
  try {
    return await readLine(input)
  } finally {
    input.setRawMode(false)
    input.pause()
    say('\n')
  }
}

function readLine(input: Keyboard['input']): Promise<string> {
  return new Promise((resolve, reject) => {
    const typed: string[] = []
    const end = (finish: () => void) => {
      input.off('data', onData)
      input.off('end', onEnd)
      finish()
    }
    const cancel = () => end(() => reject(new AppErrorException(appError('CANCELLED'))))
    const onEnd = () => cancel()
    const onData = (data: Buffer | string) => {
      for (const key of data.toString()) {
        if (key === '\r' || key === '\n') return end(() => resolve(typed.join('')))
        if (key === '\u0003' || key === '\u0004') return cancel()
        if (key === '\u007f' || key === '\b') typed.pop()
        else if (key >= ' ') typed.push(key)
      }
    }
    input.on('data', onData)
    input.on('end', onEnd)
  })
}
