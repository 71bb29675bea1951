import type { NetworkInterfaceInfo } from 'node:os'
import { expect, test } from 'vitest'
import { ownAddresses } from './ownAddresses.ts'

const at = (address: string, internal = false): NetworkInterfaceInfo => ({
  ...{ address, netmask: '', mac: '', cidr: null, internal },
  ...(address.includes(':') ? { family: 'IPv6', scopeid: 0 } : { family: 'IPv4' }),
})

test('names the addresses that others can use, IPv4 first', () => {
  const found = ownAddresses({
    lo: [at('127.0.0.1', true)],
    eth0: [at('2001:db8::7'), at('192.168.1.7'), at('fe80::1')],
    docker0: [at('172.17.0.1')],
    wlan0: [at('10.0.0.3'), at('169.254.3.3')],
    gone: undefined,
  })
  expect(found).toEqual(['192.168.1.7', '10.0.0.3', '2001:db8::7'])
})
