import { defineConfig } from '@playwright/test'

// The processes under test inherit it: a bench of its own accord would take the processor from what is tested.
process.env['PICTOR_BENCHMARK'] ??= 'asked'

/**
 * Tests of the whole product: real processes from out/, real Blender, the system's Chromium. One at a time: they measure what a
 * computer does under its own load, and two cores render no faster in parallel.
 */
export default defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  outputDir: '../test-results',
  globalSetup: './support/globalSetup.ts',
  workers: 1,
  fullyParallel: false,
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
