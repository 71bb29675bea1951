import type { ThisComputer } from '#shared/api/runtimeCalls.ts'
import { appError } from '#shared/errors/appError.ts'
import type { JsonObject, JsonValue } from '#shared/json.ts'
import { err, ok, type Result } from '#shared/result.ts'
import type { GatewayInput } from '#shared/api/gatewayCalls.ts'
import { upscaleEngines } from '#shared/rules/upscale.ts'
import { asJson, type FakeBackend } from './fakeBackend.ts'
import { createFakeSessions } from './fakeSessions.ts'
import { fakeFleetTotals, fakeLedgerSums, fakeSum } from './fakeSums.ts'
import { ownerId } from './seedTypes.ts'

const workMs = 400
const sessions = createFakeSessions()

/** Programs of others, one of which none of the farm's workers has. */
const fakeNetworkPrograms = () => [
  {
    kind: 'blender',
    version: '4.2.3',
    engines: ['BLENDER_EEVEE_NEXT', 'CYCLES'],
    devices: ['CPU', 'CUDA', 'HIP', 'OPTIX'],
    denoisers: ['OPENIMAGEDENOISE', 'OPTIX'],
    workers: 131,
  },
  {
    kind: 'blender',
    version: '3.6.21',
    engines: ['BLENDER_EEVEE', 'CYCLES'],
    devices: ['CPU', 'CUDA'],
    denoisers: ['OPENIMAGEDENOISE'],
    workers: 48,
  },
  {
    ...{ kind: 'upscale', version: '1.30.0', engines: Object.values(upscaleEngines) },
    ...{ devices: ['CPU', 'CUDA'], denoisers: [], workers: 87 },
  },
]

/** What the runtime and the gateway would answer. */
export async function answerCall(
  name: string,
  input: JsonValue,
  { fake, computer }: { fake: FakeBackend; computer: ThisComputer },
): Promise<Result<JsonValue>> {
  await new Promise((resolve) => setTimeout(resolve, workMs))
  const given = (typeof input === 'object' && input !== null && !Array.isArray(input) ? input : {}) satisfies JsonObject
  switch (name) {
    case 'computer.get':
      return ok(asJson(computer))
    case 'computer.setUp':
      return ok({})
    case 'network.prices':
      return ok({ averageMicroPerUnit: 48, owners: 31, limitMicroPerUnit: 100, feeBasisPoints: 1_000 })
    case 'network.software':
      // An empty farm is on an empty network.
      return ok(fake.all('nodes').length === 0 ? { workers: 0, programs: [] } : { workers: 204, programs: fakeNetworkPrograms() })
    case 'earnings.sums': {
      const { nodeId } = given['filter'] as { nodeId?: string }
      return ok({ groups: [fakeSum((name) => fake.all(name), nodeId ?? null)], more: false })
    }
    case 'computer.findBlender':
      return ok({ software: computer.software as unknown as JsonValue })
    case 'computer.pause':
    case 'computer.resume': {
      const node = fake.get('nodes', computer.nodeId)
      if (node)
        fake.put('nodes', {
          ...node,
          holds:
            name === 'computer.pause'
              ? [{ code: 'PAUSED_HERE', since: Date.now(), ...(typeof given['untilMs'] === 'number' ? { until: given['untilMs'] } : {}) }]
              : [],
        })
      return ok({})
    }
    case 'workers.create': {
      const id = `node-${Math.random().toString(36).slice(2).padEnd(20, '0').slice(0, 20)}`
      const worker = {
        id,
        ownerId,
        updatedAt: Date.now(),
        name: typeof given['name'] === 'string' ? given['name'] : '',
        tags: [],
        createdAt: Date.now(),
        wanted: { generation: 0, pause: 'none' },
        stamps: {},
      }
      fake.put('workers', worker)
      return ok({
        worker,
        config: {
          format: 'pictor-worker-config',
          formatVersion: 1,
          serverUrl: 'https://farm.example.org',
          serverId: 'server-1',
          ownerId,
          ownerName: 'Ada Lovelace',
          workerId: id,
          workerName: worker.name,
          enrolmentToken: 'k4m7x1c3v5b8n0q6w9f2k4m7x1',
          expiresAt: Date.now() + 7 * 86_400_000,
        },
      })
    }
    case 'account.get':
      return ok({ name: 'Ada Lovelace', hasPassword: true })
    case 'account.sessions':
      return ok(asJson({ sessions: sessions.list() }))
    case 'account.endSession':
      sessions.end(({ sessionId }) => sessionId === given['sessionId'])
      return ok({})
    case 'account.endOthers':
      return ok({ ended: sessions.end(({ current }) => !current) })
    case 'account.setPassword':
      return given['current'] === 'wrong' ? err(appError('WRONG_PASSWORD')) : ok({ ended: sessions.end(({ current }) => !current) })
    case 'owners.link':
      return ok({ secret: 'a-link-that-works-once', ownerId, expiresAt: Date.now() + 900_000 })
    case 'earnings.totals':
      return ok(asJson(fakeLedgerSums(fake.all)))
    case 'fleet.totals':
      return ok(asJson(fakeFleetTotals(fake.all, given as GatewayInput<'fleet.totals'>)))
    case 'documents.page':
      // Everything there is was handed over already.
      return ok({ documents: [], more: false })
    case 'scene.submit':
      return ok({ jobId: 'job-00000000000000000000' })
    default:
      return err(appError('BUSY'))
  }
}
