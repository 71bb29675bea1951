import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { makeTestScene } from '../../desktop/runtime/engines/testing/makeTestScene.ts'
import { runCli } from '../support/cli.ts'
import { openPage } from '../support/openPage.ts'
import { openStores } from '../support/stores.ts'
import { expect, test } from '../support/test.ts'

test('scenes and frames that cannot be rendered get a sentence and a code, in the page and on the command line, and make no job', async ({
  computer,
  page,
}) => {
  const [data, folder] = [computer.folder('data'), computer.folder('scenes')]
  mkdirSync(folder)
  const good = await makeTestScene()
  const bytes = readFileSync(good)
  const place = (name: string, content: Buffer | string) => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }
  const newer = Buffer.from(bytes)
  newer.write('999', 'BLENDER-v'.length, 'latin1')
  const future = place('future.blend', newer)
  const missing = join(folder, 'bare.blend')
  copyFileSync(await makeTestScene({ texture: { path: '//wood.png', exists: false } }), missing)

  const up = await computer.startUp(data)
  await openPage(page, up, '/jobs')
  const dialog = page.getByTestId('dialog')
  const note = dialog.getByTestId('error-note')
  for (const [path, code, words] of [
    [place('letter.blend', 'Dear Sir or Madam'), 'SCENE_NOT_BLEND', 'letter.blend is not a Blender file'],
    [place('cut.blend', bytes.subarray(0, Math.floor(bytes.length * 0.6))), 'SCENE_TRUNCATED', 'cut.blend ends too early'],
    [missing, 'SCENE_MISSING_FILES', 'wood.png'],
    [await makeTestScene({ camera: false }), 'SCENE_NO_CAMERA', 'no camera'],
    [future, 'SCENE_NEWER_THAN_BLENDER', 'saved with Blender 9.99'],
  ] as const) {
    await choose(page, path)
    await expect(note).toHaveAttribute('data-code', code)
    await expect(note).toContainText(words)
    await dialog.getByRole('button', { name: 'Close' }).last().click()
    await expect(dialog).toHaveCount(0)
  }

  await choose(page, good)
  const frames = page.getByTestId('submit-frames')
  for (const [text, words] of [
    ['all', 'cannot be read'],
    ['', 'No frames were given'],
    ['5-1', 'runs backwards'],
    ['1-999999', 'at most 100000'],
    ['1-99999999999', 'beyond the last frame'],
  ] as const) {
    await frames.fill(text)
    await expect(dialog.getByRole('alert')).toContainText(words)
    await expect(page.getByTestId('submit-go')).toBeDisabled()
  }

  for (const [scene, text, code, exit] of [
    [future, '1', 'SCENE_NEWER_THAN_BLENDER', 1],
    [good, '1-99999999999', 'FRAMES_OUT_OF_RANGE', 2],
  ] as const) {
    const refused = await runCli(['submit', scene, '--frames', text, '--data', data, '--json'])
    expect(refused.json()).toMatchObject({ ok: false, error: { code } })
    expect(refused.code).toBe(exit)
    expect(refused.stderr).toContain(code)
  }
  expect(await openStores(data).documents('jobs')).toEqual([])
})

test('a denoiser that no Blender here has: said before the job is sent, on its page, and to who waits for it; the job stays', async ({
  computer,
  page,
}) => {
  const data = computer.folder('data')
  const scene = await makeTestScene({ denoise: true })
  const up = await computer.startUp(data)
  const waiting = runCli(['submit', scene, '--frames', '1', '--wait', '--data', data, '--json'])
  await openPage(page, up, '/jobs')
  await choose(page, scene)
  const warning = page.getByTestId('error-note')
  await expect(warning).toHaveAttribute('data-code', 'SCENE_NEEDS_DENOISER')
  await page.getByTestId('submit-go').click()
  await expect(page.getByTestId('job-facts')).toBeVisible()
  await expect(warning).toHaveAttribute('data-code', 'SCENE_NEEDS_DENOISER')
  await expect(warning).toContainText('blender.org')

  const refused = await waiting
  expect(refused.json()).toMatchObject({ ok: false, error: { code: 'SCENE_NEEDS_DENOISER' } })
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain('warning: The scene uses a denoiser')
  const states = await openStores(data).documents('jobStates')
  expect(states.map(({ state }) => state)).toEqual(['queued', 'queued'])
})

async function choose(page: Page, path: string): Promise<void> {
  const asked = page.waitForEvent('filechooser')
  await page.getByTestId('submit-scene').click()
  await (await asked).setFiles(path)
}
