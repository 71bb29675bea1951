import type { JsonObject } from '#shared/json.ts'

/** A state of a job lists thousands of frames, each with what is wrong with it: facts longer than this are left out, and the sentence stays. */
const longestFacts = 500

/** The facts that fill an error's sentence in the reader's language, where they are short enough to be kept with every frame. */
export const factsWorthKeeping = (facts: JsonObject | undefined): JsonObject | undefined =>
  facts === undefined || JSON.stringify(facts).length > longestFacts ? undefined : facts
