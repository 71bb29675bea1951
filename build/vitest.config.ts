import { availableParallelism } from 'node:os'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

/** One project per kind of environment: Node for the processes, happy-dom for the dashboard's components. */
export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  test: {
    testTimeout: 30_000,
    // Vitest leaves one core free, which on two cores means one worker; many tests wait for another process.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          environment: 'node',
          include: ['{shared,sync-server,build,bench}/**/*.test.ts', 'desktop/{runtime,launch,cli,main,preload}/**/*.test.ts'],
        },
      },
      {
        extends: true,
        plugins: [vue()],
        test: { name: 'renderer', environment: 'happy-dom', include: ['desktop/renderer/**/*.test.ts'] },
      },
    ],
  },
})
