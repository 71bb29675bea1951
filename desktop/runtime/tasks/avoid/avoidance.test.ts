import { describe, expect, it } from 'vitest'
import { durations } from '#shared/durations.ts'
import { appError } from '#shared/errors/appError.ts'
import { memoryFacts } from '../../testing/memoryFacts.ts'
import { avoidedNow, learnFailure, learnSuccess, noLessons, type Lessons, type LearntTask } from './avoidance.ts'
import { openLessons } from './openLessons.ts'

let chunk = 0
const task = (jobId: string, traits: Record<string, string> = { kind: 'blender', engine: 'CYCLES' }): LearntTask => ({
  jobId,
  chunkId: `chunk-${(chunk += 1)}`,
  jobName: `Scene ${jobId}`,
  traits,
})
const eevee = { kind: 'blender', engine: 'BLENDER_EEVEE' }
const crash = appError('OUT_OF_MEMORY')
const minuteMs = 60_000
const fail = (before: Lessons, jobId: string, nowMs: number, traits?: Record<string, string>, error = crash) =>
  learnFailure(before, task(jobId, traits), error, nowMs)
const keys = (lessons: Lessons, nowMs: number) => avoidedNow(lessons, nowMs).map(({ sort, value }) => `${sort}:${value}`)

describe('a job', () => {
  it('is left to others after two of its tasks failed, for ten minutes, twice as long each time, at most a day', () => {
    let lessons = fail(noLessons, 'a', 0)
    expect(keys(lessons, 0)).toEqual([])
    lessons = fail(lessons, 'a', 1)
    expect(avoidedNow(lessons, 2)).toMatchObject([
      { sort: 'job', value: 'a', name: 'Scene a', code: 'OUT_OF_MEMORY', until: 1 + 10 * minuteMs },
    ])
    expect(keys(lessons, 10 * minuteMs + 1)).toEqual([])
    lessons = fail(lessons, 'a', 11 * minuteMs)
    expect(avoidedNow(lessons, 11 * minuteMs)[0]?.until).toBe(31 * minuteMs)
    for (let turn = 0; turn < 12; turn += 1) lessons = fail(lessons, 'a', 40 * minuteMs)
    expect(avoidedNow(lessons, 40 * minuteMs)[0]?.until).toBe(40 * minuteMs + durations.blockMaxMs)
  })
  it('is not blamed for one chunk, however often it fails', () => {
    const one = { ...task('a'), chunkId: 'the one' }
    let lessons = noLessons
    for (let turn = 0; turn < 5; turn += 1) lessons = learnFailure(lessons, one, crash, turn)
    expect(keys(lessons, 5)).toEqual([])
  })
  it('is forgiven by one frame that worked; what its scene or the line did is not counted', () => {
    const once = fail(noLessons, 'a', 0)
    expect(keys(fail(learnSuccess(once, task('a'), 1), 'a', 2), 2)).toEqual([])
    for (const code of ['SCENE_NO_CAMERA', 'SERVER_UNREACHABLE', 'CANCELLED'] as const)
      expect(learnFailure(noLessons, task('a'), appError(code), 0)).toBe(noLessons)
  })
  it('that needs more than the owner allows is avoided, but the node does not rest for it', () => {
    let lessons = noLessons
    for (let turn = 0; turn < 5; turn += 1) lessons = fail(lessons, 'a', turn, undefined, appError('VRAM_LIMIT'))
    expect([keys(lessons, 5), lessons.restUntilMs, lessons.inRow]).toEqual([['job:a'], 0, 0])
  })
})

describe('a sort of work', () => {
  it('is avoided when three tasks of two jobs failed that share it, while other work of the sort works', () => {
    let lessons = learnSuccess(noLessons, task('e', eevee), 0)
    lessons = fail(lessons, 'a', 1)
    lessons = fail(lessons, 'b', 2)
    expect(keys(lessons, 2)).toEqual([])
    lessons = fail(lessons, 'c', 3)
    // Not the kind of work: all of it is Blender's, what works as well.
    expect(keys(lessons, 3)).toEqual(['engine:CYCLES'])
    expect(keys(learnSuccess(lessons, task('d'), 4), 4)).toEqual([])
  })
  it('is not blamed where nothing works, nor for one job', () => {
    let lessons = noLessons
    for (const [at, job] of ['a', 'b', 'c', 'd'].entries()) lessons = fail(lessons, job, at)
    expect(keys(lessons, 4)).toEqual([])
    let one = learnSuccess(noLessons, task('e', eevee), 0)
    for (let turn = 1; turn < 5; turn += 1) one = fail(one, 'a', turn)
    expect(keys(one, 5)).toEqual(['job:a'])
  })
})

describe('the rest', () => {
  it('begins with three failures in a row and grows until something works', () => {
    let lessons = noLessons
    for (const job of ['a', 'b', 'c']) lessons = fail(lessons, job, 0)
    expect(lessons.restUntilMs).toBe(10 * minuteMs)
    for (const job of ['d', 'e', 'f']) lessons = fail(lessons, job, 20 * minuteMs)
    expect(lessons.restUntilMs).toBe(40 * minuteMs)
    lessons = learnSuccess(lessons, task('g'), 60 * minuteMs)
    for (const job of ['h', 'i', 'j']) lessons = fail(lessons, job, 60 * minuteMs)
    expect(lessons.restUntilMs).toBe(70 * minuteMs)
  })
  it('and everything learnt outlive a restart; a frame that teaches nothing new writes nothing', () => {
    const local = memoryFacts()
    const open = () => openLessons({ local, serverNow: () => 1_000 })
    const first = open()
    for (const job of ['a', 'a', 'b']) first.failed(task(job), crash)
    expect([open().restUntilMs(), open().avoided().length]).toEqual([1_000 + 10 * minuteMs, 1])
    for (let frame = 0; frame < 100; frame += 1) first.worked(task('a'))
    expect(local.writes).toBe(4)
    local.facts.set('lessons', '{"inRow":"many"}')
    expect(open().avoided()).toEqual([])
  })
})

it('the owner may ask to try all of it again: once for each time of asking, also over a restart, and not what failed since', () => {
  const local = memoryFacts()
  let nowMs = 1_000
  const open = () => openLessons({ local, serverNow: () => nowMs })
  const lessons = open()
  const told: number[] = []
  lessons.onChange(() => told.push(nowMs))
  for (const job of ['a', 'a', 'b']) lessons.failed(task(job), crash)
  lessons.setWanted(undefined)
  expect([lessons.restUntilMs(), lessons.avoided().length, told.length]).toEqual([1_000 + 10 * minuteMs, 1, 3])
  nowMs = 2_000
  lessons.setWanted(1_500)
  expect([lessons.restUntilMs(), lessons.avoided(), told.length]).toEqual([null, [], 4])
  // What it learns from now on is not covered by the wish that stands in the document for ever.
  for (const job of ['c', 'c', 'd']) lessons.failed(task(job), crash)
  lessons.setWanted(1_500)
  const again = open()
  again.setWanted(1_500)
  expect([again.restUntilMs(), again.avoided().map(({ value }) => value)]).toEqual([2_000 + 10 * minuteMs, ['c']])
})

it('what was learnt by a clock that was a day ahead keeps no work away when it is put right', () => {
  const dayMs = 86_400_000
  const local = memoryFacts()
  let nowMs = 2 * dayMs
  const lessons = openLessons({ local, serverNow: () => nowMs })
  for (const job of ['a', 'a', 'b']) lessons.failed(task(job), crash)
  expect([lessons.restUntilMs(), lessons.avoided().length]).toEqual([2 * dayMs + 10 * minuteMs, 1])
  nowMs = dayMs - 1
  expect([lessons.restUntilMs(), lessons.avoided()]).toEqual([null, []])
})

it('what is kept is bounded', () => {
  let lessons = noLessons
  for (let job = 0; job < 500; job += 1) lessons = fail(lessons, `job-${job}`, job)
  expect(Object.keys(lessons.lessons).length).toBe(200)
  expect(Object.keys(fail(lessons, 'later', 8 * 86_400_000).lessons)).toEqual(expect.arrayContaining(['job:later']))
})
