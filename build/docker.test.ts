import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { root } from './buildParts.ts'

/** No engine is needed: what the files say is read. That the steps work is tested by running them (build/testImage.ts). */
const folder = join(root, 'build/docker')
const dockerfile = readFileSync(join(folder, 'Dockerfile'), 'utf8').replaceAll('\\\n', ' ')
const stages = dockerfile.split(/^(?=FROM )/m).slice(1)
const stageNamed = (name: string) => stages.find((text) => new RegExp(`^FROM \\S+ AS ${name}\\s`).test(text)) ?? ''

interface Service {
  image: string
  build?: { context: string; dockerfile: string; target: string }
  command?: string[]
  environment?: Record<string, string>
  secrets?: string[]
  volumes?: string[]
  depends_on?: string[] | Record<string, unknown>
}
const compose = parse(readFileSync(join(folder, 'compose.yaml'), 'utf8')) as {
  services: Record<string, Service>
  volumes: Record<string, unknown>
  secrets: Record<string, { file: string }>
}

it('every base is named with a version, and no file is fetched while the image is built but by the install script', () => {
  const names = stages.map((text) => /AS (\S+)/.exec(text)?.[1] ?? '')
  for (const stage of stages) {
    const base = /^FROM (\S+)/.exec(stage)?.[1] ?? ''
    if (!names.includes(base)) expect(base, base).toMatch(/^[\w./-]+:\d[\w.-]*$/)
    expect(stage).not.toMatch(/^ADD /m)
  }
})

it.each(['cpu', 'nvidia', 'gateway'])('the image %s runs as its own user and can be asked how it is', (name) => {
  const stage = stageNamed(name)
  expect(/^USER (.+)$/m.exec(stage)?.[1]).toBe('10001:10001')
  expect(
    stage
      .trimEnd()
      .split('\n')
      .some((line) => line.startsWith('USER ') || line.startsWith('RUN ')),
  ).toBe(true)
  expect(stage.lastIndexOf('\nRUN ')).toBeLessThan(stage.indexOf('\nUSER '))
  const check = JSON.parse(/HEALTHCHECK .*CMD (\[.*\])/.exec(stage)?.[1] ?? '[]') as string[]
  expect(check.slice(0, 1)).toEqual(['pictor'])
  expect(readFileSync(join(folder, 'install.sh'), 'utf8')).toContain(`  ${name}`)
})

it('what is copied into the image is there, and nothing of the repository that is not needed', () => {
  for (const [, source = ''] of dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm))
    for (const path of source.split(' ')) expect(existsSync(join(root, path)), path).toBe(true)
  const ignored = readFileSync(join(folder, 'Dockerfile.dockerignore'), 'utf8').split('\n')
  for (const path of ['.git', 'node_modules', 'out', 'dist']) expect(ignored).toContain(path)
})

it('the shell takes the scripts', () => {
  for (const script of ['docker/install.sh', 'headless/pictor']) execFileSync('/bin/sh', ['-n', join(root, 'build', script)])
})

it('compose names what it uses, pins its images, and keeps secrets in files', () => {
  for (const [name, service] of Object.entries(compose.services)) {
    if (service.build === undefined) expect(service.image, name).toMatch(/:\d/)
    else expect(stageNamed(service.build.target.replace(/^\$\{\w+:-(\w+)\}$/, '$1')), name).not.toBe('')
    for (const secret of service.secrets ?? []) expect(Object.keys(compose.secrets), name).toContain(secret)
    for (const volume of service.volumes ?? [])
      if (!volume.startsWith('.')) expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0])
      else expect(existsSync(join(folder, volume.split(':')[0] ?? '')), volume).toBe(true)
    for (const [variable, value] of Object.entries(service.environment ?? {}))
      if (/PASSWORD|TOKEN|ENROLL|SECRET|COUCHDB_URL/.test(variable)) {
        expect(variable, name).toMatch(/_FILE$/)
        expect(value).toMatch(/^\/run\/secrets\//)
      }
  }
  expect(Object.keys(compose.services).sort()).toEqual(['couchdb', 'gateway', 'proxy', 'worker'])
  expect(compose.services['couchdb']?.image).toBe('couchdb:3.5')
})
