import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from './buildParts.ts'
import { ensurePrograms } from './setup/debianPackages.ts'

/**
 * `npm run test:image`: the steps of build/docker/Dockerfile (target `cpu`) without a Docker engine, in a Debian root folder of the same release: its
 * install script, the unpacked headless package, and then, as the image's user and with the image's environment, the demo scene rendered from submit to
 * ledger, the health command, and a token given by a file. Downloads about 400 MB, so it is no part of `npm test`. Needs root.
 */
const imageUser = '10001:10001'
const suite = 'trixie'
const mirror = 'http://deb.debian.org/debian'

interface Inside {
  /** Runs a shell script in the root folder, as root or as the image's user; gives back what it printed. Throws when it fails. */
  run(script: string, asUser?: boolean): string
}

function inside(folder: string, environment: Record<string, string>): Inside {
  const names = Object.entries(environment).map(([name, value]) => `${name}=${value}`)
  const mounts = 'mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && mount -t tmpfs tmpfs "$1/tmp"'
  return {
    run(script, asUser = false) {
      const user = asUser ? ['--userspec', imageUser] : []
      // Mounts of a namespace of its own: nothing of them stays, however this ends.
      const args = ['--mount', '--pid', '--fork', 'sh', '-ec', `${mounts}; shift; exec "$@"`, 'sh', folder]
      const command = [
        'chroot',
        ...user,
        folder,
        '/usr/bin/env',
        '-i',
        ...(asUser ? names : ['PATH=/usr/sbin:/usr/bin:/sbin:/bin']),
        '/bin/sh',
        '-ec',
        script,
      ]
      const done = spawnSync('unshare', [...args, ...command], { encoding: 'utf8', timeout: 20 * 60_000, maxBuffer: 64 * 2 ** 20 })
      if (done.status === 0) return done.stdout
      throw new Error(`in the image: ${script}\n${done.stdout.slice(-2_000)}\n${done.stderr.slice(-4_000)}`)
    },
  }
}

/** What ENV says in a stage of the Dockerfile and those below it. */
function imageEnvironment(): Record<string, string> {
  const text = readFileSync(join(root, 'build/docker/Dockerfile'), 'utf8').replaceAll('\\\n', ' ')
  const base = text.slice(text.indexOf('AS base'), text.indexOf('AS gateway'))
  const pairs = [...base.matchAll(/^ENV (.*)$/gm)].flatMap(([, line = '']) => line.trim().split(/\s+/))
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ...Object.fromEntries(pairs.map((pair) => pair.split('=', 2) as [string, string])),
  }
}

function main(): void {
  const { values } = parseArgs({ options: { root: { type: 'string' }, package: { type: 'string' } } })
  const started = performance.now()
  const say = (line: string) => console.log(`${((performance.now() - started) / 1_000).toFixed(0).padStart(4)} s  ${line}`)
  const kept = values.root !== undefined
  const folder = values.root ?? mkdtempSync(join(tmpdir(), 'pictor-image-'))
  // As the root of a system: a temporary folder is its maker's alone, and the image's user is another.
  if (!kept) chmodSync(folder, 0o755)
  try {
    if (!existsSync(join(folder, 'etc/debian_version'))) {
      execFileSync('debootstrap', ['--variant=minbase', suite, folder, mirror], { stdio: ['ignore', 'ignore', 'inherit'] })
      say(`Debian ${suite} in a folder`)
    }
    copyFileSync('/etc/resolv.conf', join(folder, 'etc/resolv.conf'))
    const image = inside(folder, imageEnvironment())

    copyFileSync(join(root, 'build/docker/install.sh'), join(folder, 'usr/local/sbin/pictor-install'))
    image.run('grep -q "^pictor:" /etc/passwd || /usr/local/sbin/pictor-install cpu')
    say('install.sh cpu')
    const dist = join(root, 'dist')
    const made = values.package ?? join(dist, readdirSync(dist).find((name) => name.endsWith('-linux-x64.tar.gz')) ?? '')
    rmSync(join(folder, 'opt/pictor-worker'), { recursive: true, force: true })
    mkdirSync(join(folder, 'opt'), { recursive: true })
    execFileSync('tar', ['-xzf', made, '-C', join(folder, 'opt'), '--no-same-owner'])
    image.run('ln -sf /opt/pictor-worker/pictor /usr/local/bin/pictor')
    say(`unpacked ${made}`)

    const version = image.run('pictor --version && id -u && ! command -v node', true).split('\n')
    if (version[1] !== '10001') throw new Error(`it runs as ${version[1]}`)
    const doctor = JSON.parse(image.run('pictor worker doctor --json || true', true)) as {
      software: { version: string }[]
      containment: string
    }
    say(
      `pictor ${version[0]} as uid 10001, without Node on the PATH; Blender ${doctor.software[0]?.version}, containment ${doctor.containment}`,
    )

    const demo = JSON.parse(image.run('pictor up --demo --exit-when-done --json --port 0 --no-open', true)) as {
      ok: boolean
      frames: number
    }
    if (!demo.ok || demo.frames !== 8) throw new Error(`the demo: ${JSON.stringify(demo)}`)
    say(`the demo scene: ${demo.frames} frames accepted`)

    // As in compose: a gateway, an enrolment token in a file, a worker that is told of it by the environment; then the health check of each.
    writeFileSync(join(folder, 'usr/local/sbin/try-farm'), farmScript, { mode: 0o755 })
    say(image.run('/usr/local/sbin/try-farm', true).trim().split('\n').join('\n        '))
  } finally {
    if (!kept) rmSync(folder, { recursive: true, force: true })
  }
}

const farmScript = `#!/bin/sh
set -e
mkdir -p /data/gateway /data/farm /data/secrets
PICTOR_DATA=/data/gateway pictor server --port 7430 > /data/gateway.out 2>&1 &
gateway=$!
until PICTOR_DATA=/data/gateway pictor server health > /dev/null 2>&1; do sleep 1; kill -0 $gateway; done
PICTOR_DATA=/data/gateway pictor server owner add ada --json > /dev/null
PICTOR_DATA=/data/gateway pictor worker create farm --uses 5 --out /data/secrets/farm.pictor.json --json > /dev/null
sed -n 's/.*"enrolmentToken": "\\(.*\\)".*/\\1/p' /data/secrets/farm.pictor.json > /data/secrets/enroll
for node in one two; do
  PICTOR_DATA=/data/farm/$node PICTOR_SERVER=http://127.0.0.1:7430 PICTOR_ENROLL_FILE=/data/secrets/enroll pictor worker --log-json > /data/$node.out 2>&1 &
  eval "worker_$node=$!"
done
for node in one two; do
  tries=0
  until PICTOR_DATA=/data/farm/$node pictor worker health --ready; do
    tries=$((tries + 1)); [ $tries -lt 120 ] || { cat /data/$node.out; exit 1; }
    sleep 1
  done
done
# shellcheck disable=SC2154
kill $worker_one $worker_two
wait $worker_one $worker_two
kill $gateway
wait $gateway
! grep -q "$(cat /data/secrets/enroll)" /data/*.out /data/farm/*/logs/* || { echo 'the token stands in a log'; exit 1; }
echo 'two nodes enrolled from one token given by a file, each healthy; the token is in no log'
`

const programs = await ensurePrograms(
  [
    { program: 'debootstrap', debianPackage: 'debootstrap' },
    { program: 'unshare', debianPackage: 'util-linux' },
  ],
  console.log,
)
if (programs.state === 'missing') throw new Error(`this test needs ${programs.packages.join(', ')}: ${programs.howTo}`)
main()
