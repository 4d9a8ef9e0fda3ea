import { defineConfig } from 'vite';

/** The console of agents and supervisors: served at `/console/`. */
export default defineConfig({
  base: '/console/',
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
  server: { proxy: { '/api': { target: 'http://localhost:8080', ws: true } } },
});
