import { describe, expect, it } from 'vitest'
import { answerFor, cacheName, outdatedCaches } from './precache.ts'

const scope = 'https://farm.example/pictor/'
const files = new Set(['index.html', 'assets/index-a1.js', 'manifest.webmanifest'])
const get = (path: string, mode = 'cors', method = 'GET') => answerFor({ method, mode, url: new URL(path, scope).href }, scope, files)

describe('answerFor', () => {
  it('answers for the page and its own files', () => {
    expect(get('./', 'navigate')).toBe('index.html')
    expect(get('./?new=1#/workers', 'navigate')).toBe('index.html')
    expect(get('assets/index-a1.js')).toBe('assets/index-a1.js')
  })

  it.each([
    ['./api/session', 'cors', 'GET'],
    ['./api/call/owners.link', 'cors', 'POST'],
    ['./sync/pull', 'cors', 'POST'],
    ['./sync/events', 'cors', 'GET'],
    ['./files/owner-1/abc', 'no-cors', 'GET'],
    ['./api/frames/job-1/3/thumb', 'no-cors', 'GET'],
    ['./api/hello', 'navigate', 'GET'],
    ['./assets/other-b2.js', 'cors', 'GET'],
    ['./', 'navigate', 'POST'],
    ['/elsewhere/index.html', 'navigate', 'GET'],
    ['https://other.example/pictor/index.html', 'navigate', 'GET'],
  ])('leaves %s (%s, %s) to the server', (path, mode, method) => {
    expect(get(path, mode, method)).toBeNull()
  })
})

it('keeps its own cache and the one before, and never touches what is not ours', () => {
  const names = ['other-app', cacheName('1'), cacheName('2'), cacheName('3'), cacheName('4')]
  expect(outdatedCaches(names, '4')).toEqual([cacheName('1'), cacheName('2')])
  expect(outdatedCaches([cacheName('4')], '4')).toEqual([])
})
