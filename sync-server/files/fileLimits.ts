const gibibyte = 1024 ** 3

/** Bytes of one uploaded file. A picture is judged in memory, and Node reads no file of 2 GiB or more into one buffer. */
export const uploadLimits = { input: 64 * gibibyte, output: 2 * gibibyte - 1 } as const

/** An upload that would leave less than this free is not begun, so that the store's own writes still have room. */
export const keepFreeBytes = 256 * 1024 * 1024
