import { describe, expect, it } from 'vitest'
import type { Earning } from '#shared/collections/earning.schema.ts'
import type { Notice } from '#shared/collections/notice.schema.ts'
import { durations } from '#shared/durations.ts'
import { jobOf, sessionOf, sha256Of, tinyBlend, tinyPng } from './testing/taskHarness.ts'
import { foreign, own, owner, useTaskWorld } from './testing/taskWorld.ts'

const world = useTaskWorld()
const { settled, state, tasks, submit, request, deliver } = world

describe('the path of a task', () => {
  it('goes from a job to verified frames, one ledger entry a task, roll-ups and a notice', async () => {
    await submit()
    expect(await state()).toMatchObject({ state: 'queued', total: 5, frames: { 1: { state: 'queued' } } })
    const given = await request()
    expect(given).toHaveLength(3)
    expect(tasks()[0]).toMatchObject({
      nodeId: 'node-1',
      frames: [1, 2],
      quote: { kind: 'selfRender', microPerFrame: 1_001 },
      format: 'PNG',
      lease: { token: 1 },
    })
    expect((await state()).state).toBe('rendering')
    for (const task of tasks())
      for (const frame of task.frames)
        expect(await deliver(own, task.id, frame)).toMatchObject({ ok: true, value: { verdict: { verdict: 'accepted' } } })

    expect(await state()).toMatchObject({ state: 'done', accepted: 5, failed: 0, costMicro: 5_005 })
    expect(tasks().map(({ state, closedAs }) => [state, closedAs])).toEqual(Array.from({ length: 3 }, () => ['closed', 'completed']))
    const entries = world.memory.all<Earning>('earnings')
    expect(entries.map(({ id }) => id).sort()).toEqual(given.map((id) => `${id}:selfrender`).sort())
    expect(entries.reduce((sum, entry) => sum + entry.grossMicro, 0)).toBe(5_005)
    for (const entry of entries)
      expect(entry).toMatchObject({
        state: 'final',
        feeMicro: Math.floor(entry.grossMicro / 10),
        netMicro: entry.grossMicro - entry.feeMicro,
      })
    const day = new Date(world.clock.now()).toISOString().slice(0, 10)
    for (const who of ['owner-1', 'node-1'])
      expect((await world.memory.store.read('owner-1', 'rollups', `${who}:${day}`))?.document).toMatchObject({
        selfRenderGrossMicro: 5_005,
        networkGrossMicro: 0,
        framesAccepted: 5,
        tasksCompleted: 3,
        renderMs: 5_000,
      })
    expect(world.memory.all<Notice>('notices').map(({ code }) => code)).toEqual(['JOB_DONE'])

    // What is taken back is taken out of the sums at once, not only at the next start.
    const [taken] = entries
    await world.memory.store.update('owner-1', 'earnings', taken?.id ?? '', (current) => current && { ...current, state: 'reversed' })
    await settled()
    expect((await world.memory.store.read('owner-1', 'rollups', `owner-1:${day}`))?.document.selfRenderGrossMicro).toBe(
      5_005 - (taken?.grossMicro ?? 0),
    )
  })

  it('gives an idle node a copy near the end of a job, takes each frame once and tells the slower one why in plain words', async () => {
    await submit(jobOf({ frames: [1, 2, 3], chunkSize: 3 }))
    const [slow = ''] = await request()
    expect(await request(foreign)).toEqual([])
    world.clock.advance(7 * 60_000)
    // A node with work in hand is given none, and nobody a copy of what it has itself.
    expect(await request(own, { holding: [slow] })).toEqual([])
    const [copy = ''] = await request(foreign)
    expect(await request(sessionOf('owner-3', 'node-3'))).toEqual([])
    expect((await world.memory.store.read('owner-2', 'tasks', copy))?.document).toMatchObject({ frames: [1, 2, 3], isCopy: true })
    for (const frame of [1, 2]) await deliver(foreign, copy, frame)
    expect(await deliver(own, slow, 1)).toMatchObject({
      value: {
        verdict: {
          verdict: 'superseded',
          error: { code: 'FRAME_SUPERSEDED', message: expect.stringContaining('another worker') as string },
        },
      },
    })
    await deliver(own, slow, 3)
    const [first, second] = tasks()
    expect(first).toMatchObject({
      closedAs: 'completed',
      verdicts: {
        1: { verdict: 'superseded' },
        2: { verdict: 'superseded', error: { code: 'FRAME_SUPERSEDED' } },
        3: { verdict: 'accepted' },
      },
    })
    expect(second).toMatchObject({ closedAs: 'completed', verdicts: { 3: { verdict: 'superseded' } } })
    expect(world.memory.all<Earning>('earnings').map(({ taskId, frames }) => [taskId, frames])).toEqual([
      [slow, 1],
      [copy, 2],
    ])
    expect(await state()).toMatchObject({ state: 'done', accepted: 3, failed: 0, costMicro: 3 * 1_001 })
  })

  it('refuses a truncated picture with its reason, keeps the frame open, and repeats its word', async () => {
    await submit(jobOf({ frames: [1] }))
    const [taskId = ''] = await request()
    const picture = await tinyPng(1)
    const cut = picture.subarray(0, picture.length - 20)
    for (let time = 0; time < 2; time += 1)
      expect(await deliver(own, taskId, 1, cut)).toMatchObject({
        ok: true,
        value: { verdict: { verdict: 'rejected', error: { code: 'FRAME_TRUNCATED' } } },
      })
    expect(await deliver(own, taskId, 1, await tinyPng(1, 32, 18))).toMatchObject({
      value: { verdict: { error: { code: 'FRAME_WRONG_SIZE' } } },
    })
    expect(tasks()[0]).toMatchObject({ state: 'assigned', verdicts: { 1: { verdict: 'rejected' } } })
    for (let time = 0; time < 2; time += 1)
      expect(await deliver(own, taskId, 1)).toMatchObject({ value: { verdict: { verdict: 'accepted' } } })
    expect(
      world.memory
        .all<Notice>('notices')
        .map(({ code }) => code)
        .sort(),
    ).toEqual(['FRAME_REFUSED', 'JOB_DONE'])
    expect(world.memory.all('earnings')).toHaveLength(1)
  })

  it('counts pictures that were not taken as failures when the node is through, so that none goes round for ever', async () => {
    await submit(jobOf({ frames: [1, 2], chunkSize: 2 }))
    for (const token of [1, 2, 3]) {
      const [taskId = ''] = await request()
      if (token === 1) await deliver(own, taskId, 2)
      await deliver(own, taskId, 1, await tinyPng(1, 32, 18))
      expect(await world.gateway.call(own, 'task.finish', { taskId, leaseToken: token, outcome: 'done' })).toMatchObject({
        value: { closedAs: 'failed' },
      })
      expect(await request(), 'not at once again').toEqual([])
      world.clock.advance(60 * 60_000)
    }
    await settled()
    expect(await state()).toMatchObject({
      state: 'failed',
      accepted: 1,
      frames: { 1: { state: 'failed', error: { code: 'FRAME_WRONG_SIZE' } } },
    })
    expect(world.memory.all('earnings')).toHaveLength(1)
  })

  it('takes only the picture that this very attempt sent for this very frame, whatever else lies in the owner’s space', async () => {
    await submit(jobOf({ frames: [1, 2], chunkSize: 1 }))
    const [mine = ''] = await request(own, { bufferMs: 1 })
    const [theirs = ''] = await request(foreign)
    expect(await deliver(own, mine, 1)).toMatchObject({ value: { verdict: { verdict: 'accepted' } } })
    const second = await tinyPng(2)
    const bait = await world.gateway.putFile('owner-1', second)
    const others = await world.gateway.putFile('owner-1', second, { taskId: mine, frame: 2 })
    expect(others).toBe(bait)
    const frame1 = sha256Of(await tinyPng(1))
    for (const sha256 of [bait, frame1, sha256Of(tinyBlend)])
      expect(
        await world.gateway.call(foreign, 'frame.deliver', { taskId: theirs, leaseToken: 1, frame: 2, sha256, renderMs: 1 }),
      ).toMatchObject({
        ok: false,
        error: { code: 'FILE_NOT_FOUND' },
      })
    expect(await deliver(foreign, theirs, 2, second)).toMatchObject({ value: { verdict: { verdict: 'accepted' } } })
  })

  it('has others render what was said and priced, whatever stands in the scene; one’s own work is as the scene is', async () => {
    const info = { blenderVersion: '3.4', engine: 'CYCLES', width: 64, height: 36, samples: 1 }
    await submit(jobOf({ frames: [1, 2], chunkSize: 1, settings: {}, info }))
    const [mine = ''] = await request(own, { bufferMs: 1 })
    const [theirs = ''] = await request(foreign)
    expect(tasks().find(({ id }) => id === mine)).toMatchObject({ settings: {}, quote: { kind: 'selfRender' } })
    expect(tasks().find(({ id }) => id === theirs)).toMatchObject({
      settings: { engine: 'CYCLES', width: 64, height: 36, samples: 1 },
      quote: { kind: 'network' },
    })
  })

  it('ends a job whose files will never come, with the reason, instead of waiting for ever', async () => {
    const job = jobOf()
    await world.gateway.call(owner, 'jobs.submit', { job })
    await settled()
    expect(await state()).toMatchObject({ state: 'waitingForFiles' })
    const filesRefused = {
      code: 'SCENE_FILE_REFUSED',
      message: 'The file wood.png did not reach the server',
      details: { name: 'wood.png' },
    }
    await world.memory.store.update('owner-1', 'jobs', job.id, (current) => current && { ...current, filesRefused })
    await settled()
    expect(await state()).toMatchObject({ state: 'failed', error: filesRefused })
    expect(world.memory.all<Notice>('notices').map(({ code }) => code)).toEqual(['JOB_REFUSED'])
  })

  it('answers for pictures that are not there, frames and tasks that are not theirs', async () => {
    await submit()
    const [taskId = ''] = await request()
    const at = { taskId, leaseToken: 1, sha256: 'f'.repeat(64), renderMs: 1 }
    expect(await world.gateway.call(own, 'frame.deliver', { ...at, frame: 1 })).toMatchObject({
      ok: false,
      error: { code: 'FILE_NOT_FOUND' },
    })
    expect(await world.gateway.call(own, 'frame.deliver', { ...at, frame: 5 })).toMatchObject({ error: { code: 'FRAME_NOT_IN_TASK' } })
    expect(await world.gateway.call(own, 'frame.deliver', { ...at, frame: 1, leaseToken: 2 })).toMatchObject({
      error: { code: 'LEASE_LOST' },
    })
    for (const call of ['frame.deliver', 'task.finish', 'lease.renew'] as const)
      expect(await world.gateway.call(foreign, call, { ...at, frame: 1, outcome: 'done' })).toMatchObject({
        ok: false,
        error: { code: 'TASK_NOT_FOUND' },
      })
  })

  it('lets a lease end, gives the chunk to another, takes a late frame that is open and tells the other it is superseded', async () => {
    await submit(jobOf({ frames: [1, 2] }))
    const [first = ''] = await request()
    world.clock.advance(durations.leaseMinimumMs + 1)
    await world.gateway.services.sweepLeases()
    await settled()
    expect(tasks()[0]).toMatchObject({ state: 'closed', closedAs: 'expired' })
    const [second = ''] = await request(foreign)
    expect(tasks()[1]).toMatchObject({ id: second, ownerId: 'owner-2', lease: { token: 2 }, quote: { kind: 'network' } })
    expect(await deliver(own, first, 1)).toMatchObject({ value: { verdict: { verdict: 'accepted' } } })
    expect(await deliver(foreign, second, 1, await tinyPng(99))).toMatchObject({
      value: { verdict: { verdict: 'superseded', error: { code: 'FRAME_SUPERSEDED' } } },
    })
    expect(await deliver(foreign, second, 2)).toMatchObject({ value: { verdict: { verdict: 'accepted' } } })
    const entries = world.memory.all<Earning>('earnings').map(({ id, frames, state }) => ({ id, frames, state }))
    expect(entries).toEqual([
      { id: `${first}:selfrender`, frames: 1, state: 'final' },
      { id: `${second}:network`, frames: 1, state: 'pending' },
    ])
    const frames = (await state()).frames
    expect(frames['1']).toMatchObject({ state: 'accepted', nodeId: 'node-1' })
    expect(frames['2']).not.toHaveProperty('nodeId')
  })

  it('cancels: what is out is closed, accepted frames are paid, later ones are not', async () => {
    await submit(jobOf({ frames: [1, 2, 3] }))
    const [first = '', second = ''] = await request()
    await deliver(own, first, 1)
    await world.memory.store.update('owner-1', 'jobs', 'job-1', (job) => job && { ...job, wanted: 'cancelled' as const })
    await settled()
    expect(await state()).toMatchObject({ state: 'cancelled', accepted: 1 })
    expect(tasks().map(({ closedAs }) => closedAs)).toEqual(['cancelled', 'cancelled'])
    expect(await deliver(own, second, 3)).toMatchObject({ value: { verdict: { verdict: 'superseded', error: { code: 'CANCELLED' } } } })
    expect(world.memory.all<Earning>('earnings').map(({ frames }) => frames)).toEqual([1])
    expect(await request()).toEqual([])
  })

  it('pauses and goes on; gives failed frames up and tries them again on wish', async () => {
    await submit(jobOf({ frames: [1] }))
    const want = async (changes: object) => {
      await world.memory.store.update('owner-1', 'jobs', 'job-1', (job) => job && { ...job, ...changes })
      await settled()
    }
    await want({ wanted: 'paused' })
    expect((await state()).state).toBe('paused')
    expect(await request()).toEqual([])
    await want({ wanted: 'run' })
    const [taskId = ''] = await request()
    const error = { code: 'SCENE_NO_CAMERA', message: 'no camera' }
    expect(await world.gateway.call(own, 'task.finish', { taskId, leaseToken: 1, outcome: 'failed', error })).toMatchObject({
      value: { closedAs: 'failed' },
    })
    await settled()
    expect(await state()).toMatchObject({
      state: 'failed',
      failed: 1,
      frames: { 1: { state: 'failed', error: { code: 'SCENE_NO_CAMERA' } } },
    })
    expect(world.memory.all('earnings')).toEqual([])
    await want({ retryGeneration: 1 })
    expect((await state()).state).toBe('queued')
    const [again = ''] = await request()
    await deliver(own, again, 1)
    expect((await state()).state).toBe('done')
  })

  it('tries failed frames again while others of the job are still rendered, and leaves those alone', async () => {
    await submit(jobOf({ frames: [1, 2, 3], chunkSize: 1 }))
    const [first = '', ...held] = await request()
    expect(held).not.toEqual([])
    const error = { code: 'SCENE_NO_CAMERA', message: 'no camera' }
    await world.gateway.call(own, 'task.finish', { taskId: first, leaseToken: 1, outcome: 'failed', error })
    await settled()
    expect(await state()).toMatchObject({ state: 'rendering', failed: 1 })
    const heldTasks = () => tasks().filter(({ id }) => held.includes(id))
    const before = heldTasks()

    await world.memory.store.update('owner-1', 'jobs', 'job-1', (job) => job && { ...job, retryGeneration: 1 })
    await settled()
    expect(await state()).toMatchObject({ failed: 0, handled: { retryGeneration: 1 } })
    expect(heldTasks(), 'what is rendered goes on under its lease').toEqual(before)
    const given = [...held, ...(await request())]
    for (const { id, frames } of tasks()) if (given.includes(id)) for (const frame of frames) await deliver(own, id, frame)
    expect(await state()).toMatchObject({ state: 'done', accepted: 3, failed: 0 })
    expect(world.memory.all<Earning>('earnings'), 'nothing is paid twice').toHaveLength(3)
  })

  it('waits for files, and says what is wrong with a scene', async () => {
    const cut = Buffer.concat([Buffer.from('BLENDER-v304'), Buffer.from('REND'), Buffer.from([200, 0, 0, 0]), Buffer.alloc(40)])
    const scene = (bytes: Buffer, name: string) =>
      world.gateway.putFile('owner-1', bytes).then((sha256) => ({ sha256, sizeBytes: bytes.length, name }))
    await world.gateway.call(owner, 'jobs.submit', { job: jobOf() })
    await world.gateway.call(owner, 'jobs.submit', { job: jobOf({ id: 'job-cut', scene: await scene(cut, 'cut.blend') }) })
    await world.gateway.call(owner, 'jobs.submit', {
      job: jobOf({ id: 'job-text', scene: await scene(Buffer.from('hello, this is a text'), 'a.blend') }),
    })
    await settled()
    expect((await state()).state).toBe('waitingForFiles')
    const failed = async (id: string) => (await world.memory.store.read('owner-1', 'jobStates', id))?.document
    expect(await failed('job-cut')).toMatchObject({ state: 'failed', error: { code: 'SCENE_TRUNCATED' } })
    expect(await failed('job-text')).toMatchObject({ state: 'failed', error: { code: 'SCENE_NOT_BLEND' } })
    expect(world.memory.all<Notice>('notices').map(({ code, jobId }) => [code, jobId])).toContainEqual(['JOB_REFUSED', 'job-cut'])
    expect(await world.gateway.call(owner, 'jobs.submit', { job: jobOf({ ownerId: 'owner-2' }) })).toMatchObject({
      error: { code: 'NOT_ALLOWED' },
    })
    const climbing = jobOf({ id: 'job-x', extraFiles: [{ sha256: 'a'.repeat(64), sizeBytes: 1, name: 'a/../../b' }] })
    expect(await world.gateway.call(owner, 'jobs.submit', { job: climbing })).toMatchObject({ error: { code: 'JOB_INVALID' } })
  })
})
