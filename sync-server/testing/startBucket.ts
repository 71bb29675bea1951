import S3rver from 's3rver'
import type { FilesOption } from '../files/fileTarget.ts'
import { temporaryFolder } from './testTools.ts'

export interface TestBucket {
  /** As an operator gives it. */
  option: FilesOption
  stop(): Promise<void>
  /** Again at the same address, with what it held. */
  start(): Promise<void>
  remove(): Promise<void>
}

/** An S3-compatible server of another make, on loopback. It checks which key signed, though not the signature itself. */
export async function startBucket(): Promise<TestBucket> {
  const folder = temporaryFolder()
  const bucket = 'pictor'
  let running: S3rver | null = null
  let port = 0
  const start = async () => {
    running = new S3rver({ address: '127.0.0.1', port, silent: true, directory: folder.path, configureBuckets: [{ name: bucket }] })
    ;({ port } = await running.run())
  }
  const stop = async () => {
    await running?.close()
    running = null
  }
  await start()
  return {
    option: { where: `http://127.0.0.1:${port}/${bucket}`, accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
    ...{ start, stop },
    async remove() {
      await stop()
      folder.remove()
    },
  }
}
