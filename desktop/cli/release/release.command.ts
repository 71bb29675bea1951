import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { Command } from 'commander'
import type { JsonObject } from '#shared/json.ts'
import { makeReleaseKey, publicKeyOf } from '../../launch/updates/releaseSignature.ts'
import { typedPath, type CliContext } from '../context.ts'
import { jsonOption } from '../options.ts'
import { addRelease } from './addRelease.ts'
import { findRelease, readReleases, releaseInvalid, writeReleases, type Release } from './feedFolder.ts'
import { verifyRelease } from './verifyRelease.ts'

interface AddOptions {
  version: string
  key?: string
  notes?: string
  percent?: string
  json?: boolean
}

/** `pictor release`: makes the folder of signed releases that the apps look into. */
export function releaseCommand(context: CliContext): Command {
  const keygen = new Command('keygen')
    .description('make a key for signing releases; prints the public half, which is pinned in the app when it is built')
    .requiredOption('--out <file>', 'where the private key is written; keep it off the net')
    .addOption(jsonOption())
    .action((options: { out: string; json?: boolean }) =>
      context.run(options.json, async (terminal) => {
        const path = typedPath(options.out)
        if (existsSync(path)) throw releaseInvalid(`${path} exists already, and a key is never overwritten`)
        const { privatePem, publicKey } = makeReleaseKey()
        writeFileSync(path, privatePem, { mode: 0o600, flag: 'wx' })
        terminal.print(`Private key: ${path}\nPublic key:  ${publicKey}\n\nBuild the app with PICTOR_UPDATE_KEYS=${publicKey}`)
        return { value: { privateKeyFile: path, publicKey } }
      }),
    )

  const add = new Command('add')
    .description('copy installers into the folder, sign them and offer them')
    .argument('<folder>', 'the feed: a folder that any web server can hand out')
    .argument('<files...>', 'installers, with their .blockmap files beside them')
    .requiredOption('--version <version>', 'for example 1.2.3, or 1.2.3-beta.1 for the beta channel')
    .option('--key <file>', 'the private key; without it PICTOR_RELEASE_KEY holds the key itself')
    .option('--notes <file>', 'release notes, plain text or Markdown')
    .option('--percent <number>', 'how many of a hundred computers take it at first')
    .addOption(jsonOption())
    .action((folder: string, files: string[], options: AddOptions) =>
      context.run(options.json, async (terminal) => {
        const release = await addRelease({
          folder: typedPath(folder),
          version: options.version,
          files: files.map(typedPath),
          privatePem: readKey(options.key),
          notes: options.notes === undefined ? '' : readFileSync(typedPath(options.notes), 'utf8'),
          stagingPercentage: options.percent === undefined ? null : percentOf(options.percent),
          now: new Date(),
        })
        terminal.print(`${describe(release)}\n${release.files.map(({ platform, url }) => `  ${platform.padEnd(18)}${url}`).join('\n')}`)
        return { value: asJson({ release }) }
      }),
    )

  const stage = new Command('stage')
    .description('change how many of a hundred computers take a release')
    .argument('<folder>')
    .argument('<version>')
    .requiredOption('--percent <number>', '0 to 100; 100 means everybody')
    .addOption(jsonOption())
    .action((folder: string, version: string, options: { percent: string; json?: boolean }) =>
      context.run(options.json, async (terminal) => {
        const percent = percentOf(options.percent)
        const release = change(typedPath(folder), version, { stagingPercentage: percent === 100 ? null : percent })
        terminal.print(describe(release))
        return { value: asJson({ release }) }
      }),
    )

  const withdraw = new Command('withdraw')
    .description('take a release back: nobody installs it any more, also where it is loaded already')
    .argument('<folder>')
    .argument('<version>')
    .requiredOption('--reason <text>', 'kept in the list of releases')
    .addOption(jsonOption())
    .action((folder: string, version: string, options: { reason: string; json?: boolean }) =>
      context.run(options.json, async (terminal) => {
        const withdrawn = { at: new Date().toISOString(), reason: options.reason }
        const release = change(typedPath(folder), version, { withdrawn })
        terminal.print(`${describe(release)}\nWho has installed it stays on it until a higher version is added.`)
        return { value: asJson({ release }) }
      }),
    )

  const list = new Command('list')
    .description('what the folder offers')
    .argument('<folder>')
    .addOption(jsonOption())
    .action((folder: string, options: { json?: boolean }) =>
      context.run(options.json, async (terminal) => {
        const releases = readReleases(typedPath(folder))
        terminal.print(releases.length === 0 ? 'No releases.' : releases.map(describe).join('\n'))
        return { value: asJson({ releases }) }
      }),
    )

  const verify = new Command('verify')
    .description('look at a release as the apps will: the hash of every file, and a signature by one of the keys')
    .argument('<folder>')
    .argument('<version>')
    .option('--keys <keys>', 'public keys, separated by commas; without it PICTOR_UPDATE_KEYS, as in the build of the app')
    .addOption(jsonOption())
    .action((folder: string, version: string, options: { keys?: string; json?: boolean }) =>
      context.run(options.json, async (terminal) => {
        const keys = (options.keys ?? process.env['PICTOR_UPDATE_KEYS'] ?? '').split(',').filter((key) => key !== '')
        const release = await verifyRelease(typedPath(folder), version, keys)
        terminal.print(`${describe(release)}\n${release.files.length} files have their hash and a signature.`)
        return { value: asJson({ version, files: release.files.length }) }
      }),
    )

  const release = new Command('release').description('make and look after the signed releases that the apps update from')
  for (const command of [keygen, add, stage, withdraw, list, verify]) release.addCommand(command)
  return release
}

/** Without the fields that are absent. */
const asJson = (value: object): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject

function change(folder: string, version: string, what: Partial<Release>): Release {
  const releases = readReleases(folder)
  const changed = { ...findRelease(releases, version), ...what }
  writeReleases(folder, [...releases.filter((each) => each.version !== version), changed])
  return changed
}

function readKey(path: string | undefined): string {
  const pem = path === undefined ? process.env['PICTOR_RELEASE_KEY'] : readFileSync(typedPath(path), 'utf8')
  if (pem === undefined) throw releaseInvalid('no key was given; use --key or PICTOR_RELEASE_KEY')
  try {
    publicKeyOf(pem)
  } catch {
    throw releaseInvalid('the key is not an Ed25519 key as `pictor release keygen` makes it')
  }
  return pem
}

function percentOf(text: string): number {
  const percent = Number(text)
  if (text.trim() === '' || !(percent >= 0 && percent <= 100)) throw releaseInvalid(`${text} is not a percentage from 0 to 100`)
  return percent
}

function describe({ version, stagingPercentage, withdrawn, releaseDate }: Release): string {
  const state = withdrawn ? `withdrawn: ${withdrawn.reason}` : stagingPercentage === null ? 'everybody' : `${stagingPercentage} %`
  return `${version.padEnd(18)} ${releaseDate.slice(0, 10)}  ${state}`
}
