import type { NetworkInterfaceInfo } from 'node:os'

/** As many as a person looks through. */
const most = 8

/** Under which addresses this computer can be reached in its networks, IPv4 first; without its own loopback and what reaches no further than the cable. */
export function ownAddresses(interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>): string[] {
  const all = Object.entries(interfaces)
    .filter(([name]) => !/^(docker|veth|br-|virbr)/.test(name))
    .flatMap(([, infos]) => infos ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:') && !address.startsWith('169.254.'))
  return [...all.filter(({ family }) => family === 'IPv4'), ...all.filter(({ family }) => family === 'IPv6')]
    .map(({ address }) => address)
    .slice(0, most)
}
