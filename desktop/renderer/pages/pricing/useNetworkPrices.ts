import { shallowRef, watch } from 'vue'
import type { GatewayOutput } from '#shared/api/gatewayCalls.ts'
import { useData } from '../../data/dataLink.ts'

/** What the network pays, asked each time the line comes up; null until it answered. What was heard stays when the line is cut. */
export function useNetworkPrices() {
  const data = useData()
  const prices = shallowRef<GatewayOutput<'network.prices'> | null>(null)
  watch(
    data.connection,
    async (now) => {
      if (now.name !== 'live') return
      const reply = await data.call('network.prices', {})
      if (reply.ok) prices.value = reply.value
    },
    { immediate: true },
  )
  return prices
}
