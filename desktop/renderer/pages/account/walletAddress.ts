/** An Aptos account address: 0x and up to 32 bytes in hexadecimal. */
export const isWalletAddress = (text: string): boolean => /^0x[0-9a-f]{1,64}$/i.test(text)
