import { readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'

export interface FeedServer {
  url: string
  /** Requests for files, in order: name, the range asked for, bytes sent. */
  asked: { name: string; range: string | null; bytes: number }[]
  /** The next answers with this file's body end after so many bytes, once per entry. */
  cuts: number[]
  /** Changes what lies in the folder. */
  change(name: string, edit: (content: Buffer) => Buffer | string): Promise<void>
  stop(): Promise<void>
}

/** A static host of a feed folder, as any web server would be: ranges, no several of them in one request. */
export async function startFeedServer(folder: string): Promise<FeedServer> {
  const asked: FeedServer['asked'] = []
  const cuts: number[] = []
  const server = createServer((request, response) => {
    const name = basename(new URL(request.url ?? '/', 'http://x').pathname)
    readFile(join(folder, name)).then(
      (content) => {
        const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')
        const from = range === null ? 0 : Number(range[1])
        const to = range === null || range[2] === '' ? content.length : Number(range[2]) + 1
        if (from >= content.length) return response.writeHead(416).end()
        const body = content.subarray(from, to)
        response.writeHead(range === null ? 200 : 206, {
          'content-length': body.length,
          'accept-ranges': 'bytes',
          ...(range === null ? {} : { 'content-range': `bytes ${from}-${to - 1}/${content.length}` }),
        })
        const cut = name.endsWith('.yml') ? undefined : cuts.shift()
        const sent = cut === undefined ? body : body.subarray(0, cut)
        asked.push({ name, range: request.headers.range ?? null, bytes: sent.length })
        if (cut === undefined) return response.end(sent)
        response.write(sent, () => setImmediate(() => response.destroy()))
      },
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    ...{ asked, cuts },
    async change(name, edit) {
      await writeFile(join(folder, name), edit(await readFile(join(folder, name))))
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
