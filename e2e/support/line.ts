import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'

/** What happens to a request on its way; the answer to 401 is what a gateway with other sessions would say. */
export type Fate = 'pass' | 'refuse401' | 'cut'

/** A line between a client and a server that can be disturbed: everything passes through it as it is. */
export interface Line {
  url: string
  /** Decides for each new request and connection; default: they pass. */
  decide(fate: (path: string) => Fate): void
  /** What is put behind the answer to a request; default: nothing. */
  append(text: (path: string) => string): void
  /** Ends every open connection at once. */
  cut(): void
  /** How many requests and connections were not let through since the last call. */
  disturbed(): number
  close(): Promise<void>
}

export async function openLine(target: () => string): Promise<Line> {
  const sockets = new Set<Socket>()
  let fateOf: (path: string) => Fate = () => 'pass'
  let addedTo: (path: string) => string = () => ''
  let disturbed = 0
  const judge = (path: string): Fate => {
    const fate = fateOf(path)
    if (fate !== 'pass') disturbed += 1
    return fate
  }
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
  }
  const server = createServer((request, response) => {
    const fate = judge(request.url ?? '/')
    if (fate === 'cut') return void request.socket.destroy()
    if (fate === 'refuse401') return void response.writeHead(401, { 'content-type': 'application/json' }).end('{}')
    const added = addedTo(request.url ?? '/')
    const headers = added === '' ? request.headers : { ...request.headers, 'accept-encoding': 'identity' }
    const onward = httpRequest(new URL(request.url ?? '/', target()), { method: request.method, headers }, (answer) => {
      const { 'content-length': _length, ...others } = answer.headers
      response.writeHead(answer.statusCode ?? 502, added === '' ? answer.headers : others)
      // A stream of events may say nothing for long.
      response.flushHeaders()
      answer.on('error', () => response.destroy())
      answer.on('end', () => response.end(added))
      answer.pipe(response, { end: false })
    })
    onward.on('error', () => response.destroy())
    response.on('close', () => onward.destroy())
    request.pipe(onward)
  })
  server.on('connection', keep)
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const fate = judge(request.url ?? '/')
    if (fate === 'cut') return void socket.destroy()
    if (fate === 'refuse401') return void socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
    const { hostname, port } = new URL(target())
    const onward = connect(Number(port), hostname, () => {
      onward.write(headOf(request))
      onward.write(head)
      socket.pipe(onward).pipe(socket)
    })
    keep(onward)
    onward.on('close', () => socket.destroy())
    socket.on('close', () => onward.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    decide: (fate) => void (fateOf = fate),
    append: (text) => void (addedTo = text),
    cut() {
      for (const socket of sockets) socket.destroy()
    },
    disturbed() {
      const count = disturbed
      disturbed = 0
      return count
    },
    close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      return closed
    },
  }
}

function headOf({ method, url, rawHeaders }: IncomingMessage): string {
  const lines: string[] = [`${method} ${url} HTTP/1.1`]
  for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`)
  return `${lines.join('\r\n')}\r\n\r\n`
}
