import { fileURLToPath } from 'node:url'
import { defineConfig } from '@playwright/test'

// The processes under test inherit it: a bench of its own accord would take the processor from what is tested.
process.env['PICTOR_BENCHMARK'] ??= 'asked'
// Every test begins with empty data folders, but not with code that must be compiled again for each of some four hundred processes.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('../node_modules/.cache/pictor-e2e-compiled', import.meta.url))

/**
 * Tests of the whole product: real processes from out/, real Blender, the system's Chromium. Two files at a time: each spends about half of its time waiting
 * (for a frame, a reconnect, a time-out that is itself the test), and nothing they start is known to another: own folders, ports the system chose.
 */
export default defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  outputDir: '../test-results',
  globalSetup: './support/globalSetup.ts',
  workers: 2,
  fullyParallel: false,
  // The longest file first, so that no worker is left over with it at the end.
  projects: [
    { name: 'pages', testMatch: 'dashboard/everyPage.spec.ts' },
    { name: 'processes', testIgnore: 'dashboard/everyPage.spec.ts' },
  ],
  retries: 0,
  timeout: 300_000,
  expect: {
    timeout: 20_000,
    // Another build of Chromium smooths letters and edges a little differently.
    toHaveScreenshot: { pathTemplate: '{testDir}/dashboard/baselines/{arg}{ext}', maxDiffPixelRatio: 0.004, threshold: 0.25 },
  },
  forbidOnly: true,
  reporter: 'list',
  use: {
    browserName: 'chromium',
    launchOptions: {
      executablePath: process.env['PICTOR_CHROMIUM'] ?? '/usr/bin/chromium',
      // Chromium's own sandbox does not start as root, which CI and containers are.
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    },
    viewport: { width: 1280, height: 800 },
    actionTimeout: 15_000,
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
  },
})
