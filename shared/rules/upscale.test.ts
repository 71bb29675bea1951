import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Job } from '../collections/job.schema.ts'
import { jobSchema } from '../collections/job.schema.ts'
import { distinctNames, imagesPerJobLimit, quoteForImage, quotePerImage, upscaledFrame, type SizedFile } from './upscale.ts'
import { checkUpscaleJob, makeUpscaleJob } from './upscaleJob.ts'

const picture = (name: string, width = 640, height = 480): SizedFile => ({ sha256: 'a'.repeat(64), sizeBytes: 10, name, width, height })
const wishes = { id: 'job-1', ownerId: 'owner-1', nowMs: 1_000, scale: 2 as const }
function made(pictures: SizedFile[], more: Partial<Parameters<typeof makeUpscaleJob>[1]> = {}): Job {
  const job = makeUpscaleJob(pictures, { ...wishes, ...more })
  if (!job.ok) throw new Error(job.error.code)
  return job.value
}

describe('the price of a picture', () => {
  it('is a base and so much a megapixel of what it becomes', () => {
    expect(quoteForImage({ width: 1_000, height: 1_000 }, 2)).toBe(1_000 + 4 * 500)
    expect(quoteForImage({ width: 1_000, height: 1_000 }, 4)).toBe(1_000 + 16 * 500)
    expect(quoteForImage({ width: 1, height: 1 }, 2)).toBe(1_001)
  })

  it('is the mean, rounded up, where pictures share a task', () => {
    const size = fc.record({ width: fc.integer({ min: 1, max: 8_000 }), height: fc.integer({ min: 1, max: 8_000 }) })
    fc.assert(
      fc.property(fc.array(size, { minLength: 1, maxLength: 10 }), fc.constantFrom(2 as const, 4 as const), (sizes, scale) => {
        const total = sizes.reduce((sum, one) => sum + quoteForImage(one, scale), 0)
        const paid = quotePerImage(sizes, scale) * sizes.length
        expect(paid).toBeGreaterThanOrEqual(total)
        expect(paid - total).toBeLessThan(sizes.length)
      }),
    )
  })
})

describe('a job of pictures', () => {
  it('holds them in order, with names that stay apart, and says what each becomes', () => {
    const job = made([picture('b/shot.png'), picture('a/shot.PNG', 100, 50), picture('other.jpg')])
    expect(jobSchema.safeParse(job).success).toBe(true)
    expect([job.scene, ...job.extraFiles].map(({ name }) => name)).toEqual(['shot.png', 'shot (2).PNG', 'other.jpg'])
    expect(job).toMatchObject({ kind: 'upscale', name: 'shot', frames: [1, 2, 3], chunkSize: 1, settings: { scale: 2 } })
    expect(upscaledFrame(job, 2)).toMatchObject({ width: 200, height: 100, image: { name: 'shot (2).PNG' } })
    expect(upscaledFrame(job, 4)).toBeNull()
    expect(checkUpscaleJob(job)).toBeNull()
  })

  it('small pictures of one size share a task, large ones do not', () => {
    expect(made(Array.from({ length: 30 }, (_, index) => picture(`${index}.png`))).chunkSize).toBe(10)
    expect(made([picture('a.png', 3_840, 2_160), picture('b.png', 3_840, 2_160)]).chunkSize).toBe(1)
  })

  it.each([
    ['nothing', [], 2, 'FRAMES_EMPTY'],
    ['too many', Array.from({ length: imagesPerJobLimit + 1 }, () => picture('a.png')), 2, 'IMAGES_TOO_MANY'],
    ['one that becomes too large', [picture('a.png', 8_000, 8_000)], 4, 'IMAGE_TOO_LARGE'],
    ['one that becomes too long', [picture('a.png', 20_000, 1)], 4, 'IMAGE_TOO_LARGE'],
  ] as const)('%s is refused', (_what, pictures, scale, code) => {
    expect(makeUpscaleJob([...pictures], { ...wishes, scale })).toMatchObject({ ok: false, error: { code } })
  })

  it('a 4K picture fits, both ways', () => {
    expect(made([picture('a.png', 3_840, 2_160)], { scale: 4 }).settings.scale).toBe(4)
  })

  it.each([
    ['without a size', (job: Job) => ({ ...job, scene: { sha256: 'a'.repeat(64), sizeBytes: 1, name: 'a.png' } })],
    ['without a scale', (job: Job) => ({ ...job, settings: {} })],
    ['with other frames', (job: Job) => ({ ...job, frames: [1, 3] })],
    ['with a folder', (job: Job) => ({ ...job, scene: { ...job.scene, name: 'x/a.png' } })],
    ['with one name twice', (job: Job) => ({ ...job, extraFiles: [{ ...job.scene }] })],
  ])('%s the server refuses it', (_what, change) => {
    const job = made([picture('a.png'), picture('b.png')])
    expect(checkUpscaleJob(change(job))?.code).toBe('JOB_INVALID')
  })
})

it('names are made distinct, whatever they are', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a.png', 'A.png', 'a (2).png', 'b', '.png'), { maxLength: 12 }), (names) => {
      const lower = distinctNames(names).map((name) => name.toLowerCase())
      expect(new Set(lower).size).toBe(names.length)
    }),
  )
})
