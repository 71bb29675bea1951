import type { GatewayServiceFactory } from './gatewayContext.ts'
import { createMoneyService } from './ledger/moneyService.ts'
import { createTagPreferences } from './preferences/tagPreferences.ts'
import { createTaskServices } from './taskServices.ts'
import { createUpkeep } from './upkeep/upkeep.ts'

/** The gateway's services in the order they start; they stop in reverse. */
export const gatewayServices: readonly GatewayServiceFactory[] = [
  (context) => createTaskServices(context),
  createMoneyService,
  createTagPreferences,
  createUpkeep,
]
