const gibibyte = 1024 ** 3

/** Bytes of one uploaded file. */
export const uploadLimits = { input: 64 * gibibyte, output: 4 * gibibyte } as const

/** An upload that would leave less than this free is not begun, so that the store's own writes still have room. */
export const keepFreeBytes = 256 * 1024 * 1024
