import { makeTestScene, type TestSceneOptions } from '../../desktop/runtime/engines/testing/makeTestScene.ts'
import { runCli } from '../support/cli.ts'

export interface SceneJob {
  scene: TestSceneOptions
  frames: string
  chunk: number
  name?: string
}

/** Submits a small scene to what runs on the data folder, as a person at the command line would; gives the job's id. */
export async function submitScene(data: string, { scene, frames, chunk, name = 'Scene' }: SceneJob): Promise<string> {
  const path = await makeTestScene(scene)
  const args = ['submit', path, '--data', data, '--frames', frames, '--chunk', String(chunk), '--name', name, '--json']
  const done = await runCli(args)
  if (done.code !== 0) throw new Error(`the scene was not submitted: ${done.stderr}`)
  return String(done.json()['jobId'])
}
