/** What drivers of cards open in /dev: NVIDIA, AMD and Intel, AMD's computing, WSL, Mali. Disks, terminals and memory of others are none of them. */
export const cardDevice = /^(nvidia.*|dri|kfd|dxg|mali\d*)$/
