import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'

/**
 * Plays fpm, which electron-builder downloads, for the tests of the packages: takes exactly the options that electron-builder gives it, and makes a real package
 * for Debian with `dpkg-deb`. Of an rpm, for which there is no rpmbuild here, it keeps what was asked. Run by standInTools.ts.
 */
const text = { type: 'string' } as const
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...{ source: { ...text, short: 's' }, target: { ...text, short: 't' }, force: { type: 'boolean' } },
    ...{ depends: { ...text, short: 'd', multiple: true }, 'deb-recommends': { ...text, multiple: true } },
    ...{ architecture: text, description: text, version: text, package: text, name: text, maintainer: text, vendor: text, url: text },
    ...{ license: text, 'after-install': text, 'after-remove': text, 'deb-priority': text, 'deb-compression': text },
    ...{ 'rpm-os': text, 'rpm-compression': text, 'rpm-summary': text },
  },
})
/** An option that a package cannot be without. */
function given(name: Exclude<keyof typeof values, 'force' | 'depends' | 'deb-recommends'>): string {
  const value = values[name]
  if (value === undefined || value === '') throw new Error(`--${name} is missing`)
  return value
}

const file = given('package')
if (values.target === 'deb') makeDeb()
else writeFileSync(file, JSON.stringify({ ...values, files: positionals }))

function makeDeb(): void {
  const stage = `${file}.stage`
  for (const positional of positionals) {
    const [from = '', to = ''] = positional.split(/=(?=\/)/)
    const target = join(stage, to)
    // A folder's contents by links: it is 100 MB.
    mkdirSync(from.endsWith('/') ? target : dirname(target), { recursive: true })
    if (from.endsWith('/')) execFileSync('cp', ['-al', `${from}.`, target])
    else copyFileSync(from, target)
  }
  const control = {
    ...{ Package: given('name'), Version: given('version'), Architecture: given('architecture'), Maintainer: given('maintainer') },
    ...{ Homepage: given('url'), Priority: given('deb-priority'), Section: 'default' },
    ...{ Depends: values.depends?.join(', ') ?? '', Recommends: values['deb-recommends']?.join(', ') ?? '' },
    Description: given('description'),
  }
  const scripts = join(stage, 'DEBIAN')
  mkdirSync(scripts)
  const lines = Object.entries(control).map(([key, value]) => `${key}: ${value}\n`)
  writeFileSync(join(scripts, 'control'), lines.join(''))
  for (const [name, path] of [
    ['postinst', given('after-install')],
    ['postrm', given('after-remove')],
  ] as const) {
    copyFileSync(path, join(scripts, name))
    chmodSync(join(scripts, name), 0o755)
  }
  execFileSync('dpkg-deb', ['--root-owner-group', '-Znone', '--build', stage, file])
  rmSync(stage, { recursive: true })
}
