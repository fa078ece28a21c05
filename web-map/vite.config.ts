// Builds the web map into dist/ with hashed assets and nothing from another host.
//
// Invariant: the manifest is written so that `npm run size` can measure what stands in front of the public list.
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [vue()],
  build: {
    target: 'es2022',
    manifest: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
  },
  server: {
    host: '127.0.0.1',
    proxy: Object.fromEntries(['/api', '/ogc', '/tiles'].map((path) => [path, { target: process.env.BIHU_URL ?? 'http://127.0.0.1:8080', changeOrigin: false }])),
  },
  test: { environment: 'node', include: ['unit/**/*.test.ts'] },
})
