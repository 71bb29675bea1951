import { runtimeAsks } from '#shared/api/runtimeAsks.ts'
import { appError } from '#shared/errors/appError.ts'
import type { JsonObject, JsonValue } from '#shared/json.ts'
import { err, ok, type Result } from '#shared/result.ts'
import type { Logger } from '#shared/log.ts'
import type { SystemFacts } from '../node/systemFacts.ts'
import { healthOf } from '../page/nodeMetrics.ts'
import { lookAtNode } from './lookAtNode.ts'
import type { OpenPage } from './openPage.ts'
import type { OpenWorld } from './openWorld.ts'

export interface Asked {
  page: OpenPage
  world: OpenWorld
  system: SystemFacts
  log: Logger
}

/** Answers the launcher (shared/api/runtimeAsks.ts), or hands on what the page's owner may call. Errors: REQUEST_INVALID, and those of the call. */
export async function answerLauncher({ page, world, system, log }: Asked, name: string, input: JsonObject): Promise<Result<JsonValue>> {
  const rendering = () => world.runner.summary().renderingTaskIds.length
  switch (name) {
    case 'page.link':
      return ok({ link: page.server.makeLink() })
    case 'node.look':
      return ok(await lookAtNode(world))
    case 'system.event': {
      const event = runtimeAsks['system.event'].input.safeParse(input)
      if (!event.success) return err(appError('REQUEST_INVALID', { reason: 'kind' }))
      if (event.data.kind !== 'user') log.info('the system says', event.data)
      system.tell(event.data)
      return ok({})
    }
    case 'node.health':
      return ok({ ...(await healthOf(world, page.appVersion)) })
    case 'uplink.wake':
      world.uplink.wake()
      return ok({})
    case 'node.busy': {
      const { activeTaskIds, queuedTaskCount } = world.runner.summary()
      const { framesWaiting, documentsWaiting } = world.uplink.status()
      const held = activeTaskIds.length + queuedTaskCount
      return ok({ held, waiting: framesWaiting + documentsWaiting, serverEmpty: world.isServerEmpty() })
    }
    case 'node.update': {
      const parsed = runtimeAsks['node.update'].input.safeParse(input)
      if (!parsed.success) return err(appError('REQUEST_INVALID', { reason: 'note' }))
      world.programUpdate.setNote(parsed.data.note)
      return ok(world.programUpdate.wishes())
    }
    case 'node.drain': {
      const parsed = runtimeAsks['node.drain'].input.safeParse(input)
      if (!parsed.success) return err(appError('REQUEST_INVALID', { reason: 'untilMs' }))
      world.programUpdate.drain(parsed.data.untilMs)
      return ok({ rendering: rendering() })
    }
    case 'node.cut': {
      const parsed = runtimeAsks['node.cut'].input.safeParse(input)
      if (!parsed.success) return err(appError('REQUEST_INVALID', { reason: 'code' }))
      world.programUpdate.cut(parsed.data.code, world.serverClock.now())
      return ok({})
    }
    case 'node.bench': {
      const askedAt = Math.floor(world.serverClock.now())
      world.bench.ask(askedAt)
      return ok({ askedAt })
    }
    case 'node.benchState': {
      const parsed = runtimeAsks['node.benchState'].input.safeParse(input)
      if (!parsed.success) return err(appError('REQUEST_INVALID', { reason: 'askedAt' }))
      // Safe: plain JSON by its schema.
      return ok({ done: world.bench.isAnswered(parsed.data.askedAt), benchmark: world.bench.newest() as JsonObject | null })
    }
    case 'scene.stageFile': {
      const parsed = runtimeAsks['scene.stageFile'].input.safeParse(input)
      if (!parsed.success) return err(appError('REQUEST_INVALID', { reason: 'path' }))
      // Safe: a staged scene is plain JSON by its schema.
      return (await world.staged.stageFile(parsed.data.path)) as Result<JsonValue>
    }
    default:
      return page.call(name, input)
  }
}
