import { describe, expect, it } from 'vitest'
import { readFields, startFields, type SubmitFields } from './submission.ts'

const fields: SubmitFields = {
  name: 'Kitchen',
  frames: '1-10,20',
  chunkSize: '5',
  engine: '',
  samples: '',
  width: '',
  height: '',
  format: '',
}
const facts = { name: 'kitchen.blend', sizeBytes: 1, info: { blenderVersion: '4.2' }, warnings: [] }

describe('startFields', () => {
  it('opens with what the scene says', () => {
    expect(startFields({ ...facts, frameStart: 1, frameEnd: 120 })).toMatchObject({ name: 'kitchen', frames: '1-120', chunkSize: '5' })
    expect(startFields({ ...facts, frameStart: 7, frameEnd: 7 })).toMatchObject({ frames: '7', chunkSize: '1' })
    expect(startFields({ ...facts, frameStart: null, frameEnd: null })).toMatchObject({ frames: '1' })
  })
})

describe('readFields', () => {
  it('leaves out what is as the scene says', () => {
    expect(readFields(fields)).toMatchObject({ ok: true, value: { name: 'Kitchen', framesText: '1-10,20', chunkSize: 5, settings: {} } })
    const result = readFields({ ...fields, engine: 'CYCLES', samples: '64', width: '1920', height: '1080', format: 'OPEN_EXR' })
    expect(result).toMatchObject({
      ok: true,
      value: { settings: { engine: 'CYCLES', samples: 64, width: 1_920, height: 1_080, format: 'OPEN_EXR' } },
    })
  })
  it('says which field cannot be read', () => {
    expect(readFields({ ...fields, frames: '' })).toMatchObject({ ok: false, error: { code: 'FRAMES_EMPTY' } })
    expect(readFields({ ...fields, frames: '10-1' })).toMatchObject({ ok: false, error: { code: 'FRAMES_REVERSED' } })
    expect(readFields({ ...fields, chunkSize: '0' })).toMatchObject({
      ok: false,
      error: { code: 'REQUEST_INVALID', details: { field: 'chunkSize' } },
    })
    expect(readFields({ ...fields, samples: '-3' })).toMatchObject({ ok: false, error: { details: { field: 'samples' } } })
    expect(readFields({ ...fields, width: '1920' })).toMatchObject({ ok: false, error: { details: { field: 'resolution' } } })
  })
})
