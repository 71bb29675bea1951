import { readFile } from 'node:fs/promises'
import { createConnection, type Socket } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * The little of the X11 protocol that idle time and full screen need, over one lasting connection: a tool started every second would cost a
 * hundred times as much, and `xprintidle` is seldom installed. Requests are answered in order, so that no sequence numbers are kept.
 * https://www.x.org/releases/current/doc/xproto/x11protocol.html, …/doc/scrnsaverproto/saver.html
 */
export interface XClient {
  /** Since the last key or movement, milliseconds; null where the server has no screen saver extension. */
  idleMs(): Promise<number | null>
  /** The active window fills the screen; null where no window manager says which one is active. */
  fullScreen(): Promise<boolean | null>
  /** The number of a name, and the root window: for tests. */
  atom(name: string): Promise<number>
  root: number
  /** For tests: sets a property of 32-bit values on a window (null: the root window). */
  setProperty(window: number | null, name: string, type: string, values: readonly number[]): Promise<number>
  isOpen(): boolean
  close(): void
}

const answerTimeoutMs = 2_000
const opcodes = { changeProperty: 18, internAtom: 16, getProperty: 20, getInputFocus: 43, queryExtension: 98 } as const

/** Connects to a display such as `:0`; null when it is not there, does not let us in, or is on another computer. */
export async function connectX(display: string, environment: Record<string, string | undefined>): Promise<XClient | null> {
  const number = /^(?:unix)?:(\d+)(?:\.\d+)?$/.exec(display)?.[1]
  if (number === undefined) return null
  const cookie = await findCookie(number, environment)
  const socket = createConnection(`/tmp/.X11-unix/X${number}`)
  const line = talk(socket)
  try {
    const root = await line.setUp(cookie)
    const screenSaver = (await line.ask(named(opcodes.queryExtension, 0, 'MIT-SCREEN-SAVER'))).readUInt8(9)
    const atom = async (name: string) => (await line.ask(named(opcodes.internAtom, 0, name))).readUInt32LE(8)
    const [active, state, full] = [await atom('_NET_ACTIVE_WINDOW'), await atom('_NET_WM_STATE'), await atom('_NET_WM_STATE_FULLSCREEN')]
    const property = async (window: number, name: number): Promise<number[]> => {
      const reply = await line.ask(words(opcodes.getProperty, 0, [window, name, 0, 0, 64]))
      if (reply.readUInt8(1) !== 32) return []
      return Array.from({ length: reply.readUInt32LE(16) }, (_, index) => reply.readUInt32LE(32 + 4 * index))
    }
    return {
      atom,
      root,
      async idleMs() {
        if (screenSaver === 0) return null
        return (await line.ask(words(screenSaver, 1, [root]))).readUInt32LE(16)
      },
      async fullScreen() {
        const [window = 0] = await property(root, active)
        if (window === 0) return null
        // The window may be gone by the time it is asked about.
        return (await property(window, state).catch((): number[] => [])).includes(full)
      },
      async setProperty(window, name, type, values) {
        const target = window ?? root
        const types = { name: await atom(name), type: await atom(type) }
        line.tell(words(opcodes.changeProperty, 0, [target, types.name, types.type, 32, values.length, ...values]))
        // ChangeProperty has no answer: the next one says that it was done.
        await line.ask(words(opcodes.getInputFocus, 0, []))
        return types.name
      },
      isOpen: () => line.isOpen(),
      close: () => socket.destroy(),
    }
  } catch {
    socket.destroy()
    return null
  }
}

function talk(socket: Socket) {
  let received = Buffer.alloc(0)
  let ended = false
  const waiting: Array<{ setUp: boolean; resolve: (reply: Buffer) => void; reject: (error: Error) => void }> = []
  const end = (error: Error) => {
    ended = true
    for (const { reject } of waiting.splice(0)) reject(error)
  }
  const take = () => {
    while (received.length >= 8) {
      const [first] = waiting
      const setUp = first?.setUp === true
      const kind = received.readUInt8(0)
      const more = setUp ? received.readUInt16LE(6) : kind === 1 && received.length >= 32 ? received.readUInt32LE(4) : 0
      const size = (setUp ? 8 : 32) + 4 * more
      if (received.length < size) return
      const message = received.subarray(0, size)
      received = received.subarray(size)
      // Everything but answers and errors is an event, for which nobody asked.
      if (!setUp && kind > 1) continue
      waiting.shift()
      if (kind === 1) first?.resolve(message)
      else first?.reject(new Error(`the display refused (${setUp ? message.toString('latin1', 8) : message.readUInt8(1)})`))
    }
  }
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk])
    take()
  })
  socket.on('error', end)
  socket.on('close', () => end(new Error('the display closed the line')))
  socket.setNoDelay(true)
  socket.unref()
  const send = (request: Buffer, setUp: boolean) =>
    new Promise<Buffer>((resolve, reject) => {
      if (ended) return reject(new Error('the display is gone'))
      const timer = setTimeout(() => socket.destroy(new Error('the display does not answer')), answerTimeoutMs)
      const done =
        <T>(then: (value: T) => void) =>
        (value: T) => {
          clearTimeout(timer)
          then(value)
        }
      waiting.push({ setUp, resolve: done(resolve), reject: done(reject) })
      socket.write(request)
    })
  return {
    /** The root window of the first screen. */
    async setUp(cookie: { name: string; data: Buffer } | null): Promise<number> {
      const [name, data] = [Buffer.from(cookie?.name ?? ''), cookie?.data ?? Buffer.alloc(0)]
      const head = Buffer.alloc(12)
      head.write('l')
      head.writeUInt16LE(11, 2)
      head.writeUInt16LE(name.length, 6)
      head.writeUInt16LE(data.length, 8)
      const reply = await send(Buffer.concat([head, padded(name), padded(data)]), true)
      const vendor = Math.ceil(reply.readUInt16LE(24) / 4) * 4
      return reply.readUInt32LE(40 + vendor + 8 * reply.readUInt8(29))
    },
    ask: (request: Buffer) => send(request, false),
    tell: (request: Buffer) => void socket.write(request),
    isOpen: () => !ended,
  }
}

const padded = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)])

function words(opcode: number, detail: number, values: readonly number[]): Buffer {
  const request = Buffer.alloc(4 + 4 * values.length)
  request.writeUInt8(opcode, 0)
  request.writeUInt8(detail, 1)
  request.writeUInt16LE(1 + values.length, 2)
  values.forEach((value, index) => request.writeUInt32LE(value >>> 0, 4 + 4 * index))
  return request
}

function named(opcode: number, detail: number, name: string): Buffer {
  const text = padded(Buffer.from(name))
  const head = words(opcode, detail, [0])
  head.writeUInt16LE(2 + text.length / 4, 2)
  head.writeUInt16LE(name.length, 4)
  return Buffer.concat([head, text])
}

/** The display's cookie from the X authority file; entries are big-endian: family, address, number, name, data. */
async function findCookie(number: string, environment: Record<string, string | undefined>): Promise<{ name: string; data: Buffer } | null> {
  const path = environment['XAUTHORITY'] ?? join(environment['HOME'] ?? homedir(), '.Xauthority')
  const file = await readFile(path).catch(() => null)
  return file === null ? null : cookieIn(file, number)
}

export function cookieIn(file: Buffer, number: string): { name: string; data: Buffer } | null {
  for (let at = 2; at + 2 <= file.length; at += 2) {
    const fields: Buffer[] = []
    for (let index = 0; index < 4 && at + 2 <= file.length; index++) {
      const end = at + 2 + file.readUInt16BE(at)
      fields.push(file.subarray(at + 2, end))
      at = end
    }
    const [, display, name, data] = fields.map((field, index) => (index === 3 ? field : field.toString('latin1')))
    if (name === 'MIT-MAGIC-COOKIE-1' && (display === number || display === '') && Buffer.isBuffer(data)) return { name, data }
  }
  return null
}
