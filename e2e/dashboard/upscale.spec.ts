import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { accessibilityProblems } from '../support/accessibility.ts'
import { auditJob, rendersOf } from '../support/audit.ts'
import { runCli } from '../support/cli.ts'
import { openPage } from '../support/openPage.ts'
import { readStoreContents } from '../support/storeContents.ts'
import { openStores } from '../support/stores.ts'
import { expect, test } from '../support/test.ts'
import { waitFor } from '../support/waitFor.ts'

/** Circles and a slope, so that what comes out can be compared with what went in. */
function drawing(width: number, height: number): Buffer {
  const pixels = Buffer.alloc(width * height * 3)
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const ring = Math.hypot(x - width / 2, y - height / 2) % 60 < 30 ? 220 : 60
      pixels.set([ring, (x * 255) / width, (y * 255) / height], (y * width + x) * 3)
    }
  return pixels
}

test('dropped pictures are upscaled; a node killed in the second one does not make the first again; each is paid once', async ({
  computer,
  page,
}) => {
  test.setTimeout(240_000)
  const side = 1_100
  const folder = computer.folder('pictures')
  const data = computer.folder('data')
  const up = await computer.startUp(data)
  const stores = openStores(data)
  const picture = sharp(drawing(side, side), { raw: { width: side, height: side, channels: 3 } })
  const files = await Promise.all(
    ['shot_1.png', 'shot_2.png', 'shot_10.png'].map(async (name) => ({
      name,
      mimeType: 'image/png',
      buffer: await picture.png().toBuffer(),
    })),
  )

  await openPage(page, up, '/jobs')
  const chooser = page.waitForEvent('filechooser')
  await page.getByTestId('submit-scene').first().click()
  await (await chooser).setFiles([...files, { name: 'notes.tiff', mimeType: 'image/tiff', buffer: Buffer.from('II*\0') }])
  await expect(page.getByTestId('upscale-count')).toHaveText('3 pictures')
  await expect(page.getByTestId('upscale-form').getByTestId('error-note')).toHaveAttribute('data-code', 'IMAGE_NOT_SUPPORTED')
  const megapixels = (side * side * 4) / 1_000_000
  const costMicro = 3 * (1_000 + Math.ceil(megapixels * 500))
  // Money is shown with four decimals, never rounded up.
  await expect(page.getByTestId('upscale-cost')).toContainText((Math.floor(costMicro / 100) / 10_000).toFixed(4))
  await page.getByTestId('upscale-go').click()
  // The list, which has such a badge a row, is left first.
  await page.waitForURL(/\/jobs\/[^/]+/)
  await expect(page.getByTestId('job-state')).toBeVisible()
  const jobId = decodeURIComponent(/jobs\/([^/?#]+)/.exec(page.url())?.[1] ?? '')

  await waitFor('the second picture in progress', async () => {
    const [run] = (await stores.documents('runs')).filter((one) => one.jobId === jobId)
    return ['finished', 'delivered'].includes(run?.frames['1']?.state ?? '') && run?.frames['2']?.state === 'rendering'
  })
  const killed = await up.kill('runtime')
  await up.waitForRole('runtime', killed)
  expect((await stores.jobEnd(jobId)).state).toBe('done')
  await expect(page.getByTestId('job-state')).toHaveAttribute('data-state', 'done', { timeout: 60_000 })

  await page.getByTestId('frame-thumb').first().click()
  const viewer = page.getByTestId('frame-viewer')
  await expect(viewer.getByTestId('compare')).toBeVisible()
  await waitFor('both pictures', () =>
    viewer.locator('img').evaluateAll((all) => {
      const widths = (all as HTMLImageElement[]).map(({ naturalWidth }) => naturalWidth).sort((a, b) => a - b)
      return widths.length === 2 && widths[0] === 1_100 && widths[1] === 2_200
    }),
  )
  // Closer by the wheel where one points, moved by the arrow keys, the whole again by key; the line between the two stays where it is.
  const box = viewer.getByTestId('zoom-box')
  const scale = async (): Promise<number> => Number(await box.getAttribute('data-scale'))
  await box.hover()
  await page.mouse.wheel(0, -400)
  await expect.poll(scale).toBeGreaterThan(2)
  const place = () =>
    viewer
      .locator('img')
      .first()
      .evaluate((image) => image.getBoundingClientRect().left)
  const left = await place()
  await page.keyboard.press('ArrowLeft')
  await expect.poll(place).toBeGreaterThan(left)
  await expect(viewer, 'the arrow moved the picture and did not turn to another').toHaveAttribute('data-frame', '1')
  await page.keyboard.press('0')
  await expect.poll(scale).toBe(1)
  await viewer.getByTestId('zoom-in').click()
  await expect.poll(scale).toBeGreaterThan(1)
  await viewer.getByTestId('zoom-out').click()
  await expect.poll(scale).toBe(1)
  expect(await accessibilityProblems(page)).toEqual([])
  await page.keyboard.press('Escape')

  const runs = await waitFor('the run’s end at the gateway', async () => {
    const found = (await stores.documents('runs')).filter((run) => run.jobId === jobId)
    return found.every(({ state }) => state === 'done') ? found : null
  })
  expect(rendersOf(runs, jobId)).toEqual({ 1: 1, 2: 2, 3: 1 })
  expect(runs[0]?.device).toBe('CPU')
  expect(runs[0]?.engine).toMatch(/^onnxruntime \d/)

  // The command line's way: the same pictures again, into a folder, under their names.
  await sharp(drawing(64, 48), { raw: { width: 64, height: 48, channels: 3 } })
    .jpeg({ quality: 95 })
    .toFile(join(folder, '..', 'small.jpg'))
  const out = join(data, 'out')
  const done = await runCli(['submit', join(folder, '..', 'small.jpg'), '--upscale', '4', '--data', data, '--out', out, '--json'])
  expect(done.code, done.stderr).toBe(0)
  expect(done.json()).toMatchObject({ state: 'done', scale: 4, outputs: [{ frame: 1, path: join(out, 'small_x4.png') }] })
  const large = await sharp(await readFile(join(out, 'small_x4.png')))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  expect(large.info).toMatchObject({ width: 256, height: 192 })
  const again = await sharp(large.data, { raw: { width: 256, height: 192, channels: 3 } })
    .resize(64, 48, { kernel: 'cubic' })
    .raw()
    .toBuffer()
  const wanted = drawing(64, 48)
  const difference = again.reduce((sum, value, index) => sum + Math.abs(value - (wanted[index] ?? 0)), 0) / again.length
  expect(difference, 'made small again it is the picture it was made from').toBeLessThan(6)

  await up.stop()
  const store = await readStoreContents(data)
  expect(auditJob(store, jobId, 3)).toMatchObject({ tasks: 1, ledgerEntries: 1, framesPaid: 3 })
  expect(store.earnings.filter((entry) => entry.jobId === jobId)).toMatchObject([{ kind: 'selfRender', grossMicro: costMicro }])
})
