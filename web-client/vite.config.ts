import { defineConfig } from 'vite';

/** The customer's page: served at `/`; the server precompresses nothing that is not here. */
export default defineConfig({
  base: '/',
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssCodeSplit: true,
    reportCompressedSize: true,
    // The icons travel together: one small file instead of one request each.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'icons', test: /lucide-static/ }] } } },
  },
  server: { proxy: { '/api': { target: 'http://localhost:8080', ws: true } } },
});
