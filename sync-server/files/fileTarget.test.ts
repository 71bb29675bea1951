import { expect, it } from 'vitest'
import { quietLog, temporaryFolder } from '../testing/testTools.ts'
import { startBucket } from '../testing/startBucket.ts'
import { fileTargetFrom } from './fileTarget.ts'
import { checkFilesPlace } from './openFiles.ts'

const key = { accessKeyId: 'id', secretAccessKey: 'secret' }

it('takes a folder or a bucket, and keeps the key out of the address', () => {
  expect(fileTargetFrom({ where: '/mnt/files' })).toEqual({ ok: true, value: { kind: 'folder', path: '/mnt/files' } })
  expect(fileTargetFrom({ where: 'https://s3.example.org/farm/', ...key })).toEqual({
    ok: true,
    value: { kind: 's3', url: 'https://s3.example.org/farm', region: 'us-east-1', ...key },
  })
  expect(fileTargetFrom({ where: 'http://minio:9000/farm', region: 'eu-1', ...key })).toMatchObject({ value: { region: 'eu-1' } })
})

it.each([
  ['files', {}],
  ['ftp://host/farm', key],
  ['s3://farm', key],
  ['https://host', key],
  ['https://host/', key],
  ['https://host/farm/more', key],
  ['https://host/farm?x=1', key],
  ['https://id:secret@host/farm', key],
  ['https://host/farm', {}],
  ['https://host/farm', { accessKeyId: 'id' }],
])('refuses %s %o', (where, more) => {
  expect(fileTargetFrom({ where, ...more })).toMatchObject({ ok: false, error: { code: 'FILES_PLACE_INVALID' } })
})

it('is tried out at the start: a folder that is a file, a bucket that is not there or does not know the key', async () => {
  const folder = temporaryFolder()
  const bucket = await startBucket()
  try {
    const check = async (option: Parameters<typeof fileTargetFrom>[0]) => {
      const target = fileTargetFrom(option)
      if (!target.ok) throw new Error(target.error.message)
      await checkFilesPlace(target.value, quietLog)
    }
    const invalid = { error: { code: 'FILES_PLACE_INVALID' } }
    await check({ where: folder.path })
    await expect(check({ where: import.meta.filename })).rejects.toMatchObject(invalid)
    await check(bucket.option)
    await expect(check({ ...bucket.option, where: bucket.option.where.replace(/pictor$/, 'other') })).rejects.toMatchObject(invalid)
    await expect(check({ ...bucket.option, accessKeyId: 'stranger' })).rejects.toMatchObject(invalid)
    // One that is away may come back: that is no reason not to start.
    await bucket.stop()
    await check(bucket.option)
  } finally {
    await bucket.remove()
    folder.remove()
  }
})
