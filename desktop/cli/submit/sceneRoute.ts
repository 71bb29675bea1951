import type { ServerClient } from '../../launch/serverClient.ts'
import type { JobWishes } from '../../runtime/entry.ts'

/** How a scene gets to a server: through the node on this computer, or straight there. Everything rejects with AppErrorException. */
export interface SceneRoute {
  /** Looks into the scene and takes it in. */
  stage(path: string): Promise<{ name: string; warnings: Array<{ code: string; message: string }> }>
  /** Makes a job of what was staged; gives its id. */
  submit(wishes: JobWishes): Promise<string>
  /** Takes pictures in and makes a job that upscales them, in this order; gives its id and the pictures' names. */
  submitImages(paths: readonly string[], wishes: { scale: 2 | 4; name?: string }): Promise<{ jobId: string; names: string[] }>
  /** The owner at the server that has the job. */
  owner(): Promise<ServerClient>
  close(): Promise<void>
}
