import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isOwnAddress } from './appOrigin.ts'
import { containedFile } from './containedFile.ts'

describe('the window stays within its own origin', () => {
  it.each([
    ['pictor-app://dashboard/', true],
    ['pictor-app://dashboard/#/jobs', true],
    ['PICTOR-APP://dashboard/index.html?x=1', true],
    ['pictor-app://dashboard.evil.example/', false],
    ['pictor-app://evil/', false],
    ['pictor-app://user:secret@dashboard/', false],
    ['pictor-app://dashboard@evil/', false],
    ['pictor-app://dashboard:80/', false],
    ['pictor-app:dashboard', false],
    ['pictor-application://dashboard/', false],
    ['pictor://dashboard/', false],
    ['https://dashboard/', false],
    ['file:///dashboard', false],
    ['javascript:alert(1)', false],
    ['data:text/html,x', false],
    ['blob:pictor-app://dashboard/1', false],
    ['view-source:pictor-app://dashboard/', false],
    ['about:blank', false],
    ['', false],
    ['not an address', false],
  ])('%s: %s', (address, own) => expect(isOwnAddress(address)).toBe(own))
})

describe('files come from the dashboard’s folder only', () => {
  const root = join('/srv', 'renderer')
  it.each([
    ['/', 'index.html'],
    ['/jobs/some-job', 'index.html'],
    ['/assets/main-1a2b.js', 'assets/main-1a2b.js'],
    ['/assets/a%20b.svg', 'assets/a b.svg'],
    ['//etc/host.conf', 'etc/host.conf'],
  ])('%s is %s', (pathname, file) => expect(containedFile(root, pathname)).toBe(join(root, file)))
  it.each([
    '/../package.json',
    '/..%2fpackage.json',
    '/%2e%2e/package.json',
    '/assets/../../package.json',
    '/..\\package.json',
    '/assets%5c..%5c..%5cpackage.json',
    '/index.html%00.png',
    '/c:/windows/win.ini',
    '/index.html::$DATA.x',
    '/%',
    '/%c0%ae%c0%ae/x.y',
    'relative.js',
    '',
  ])('%s is none', (pathname) => expect(containedFile(root, pathname)).toBeNull())
})
