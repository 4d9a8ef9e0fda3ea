// Real PostgreSQL and Redis from Debian's packages, on free ports with data folders of their own, for one run.
import { execFile, spawn } from 'node:child_process';
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { eventually, freePort } from './rig.mjs';

const run = promisify(execFile);
const isRoot = process.getuid() === 0;

/** PostgreSQL refuses to run as root; then it runs as the package's own user. */
const asPostgres = (command, args) => (isRoot ? ['setpriv', ['--reuid=postgres', '--regid=postgres', '--clear-groups', '--pdeathsig=KILL', command, ...args]] : ['setpriv', ['--pdeathsig=KILL', command, ...args]]);

export class RealServers {
  static async start() {
    const servers = new RealServers();
    servers.folder = await mkdtemp(path.join(os.tmpdir(), 'visavis-servers-'));
    if (isRoot) {
      const { stdout } = await run('id', ['-u', 'postgres']);
      await chown(servers.folder, Number(stdout), -1);
    }
    const versions = (await readdir('/usr/lib/postgresql').catch(() => [])).sort();
    if (versions.length === 0) throw new Error('PostgreSQL is missing: install the Debian package postgresql');
    const bin = `/usr/lib/postgresql/${versions.at(-1)}/bin`;
    const data = path.join(servers.folder, 'pg');
    await run(...asPostgres(`${bin}/initdb`, ['-D', data, '-U', 'visavis', '--auth=trust', '--encoding=UTF8', '--no-locale', '--no-sync']), { cwd: '/' });
    const [pgPort, redisPort] = [await freePort(), await freePort()];
    const start = (command, args) => spawn(command, args, { cwd: '/', stdio: 'ignore' });
    servers.postgres = start(...asPostgres(`${bin}/postgres`, ['-D', data, '-p', String(pgPort), '-h', '127.0.0.1', '-k', servers.folder, '-c', 'fsync=off']));
    servers.redis = start('setpriv', ['--pdeathsig=KILL', 'redis-server', '--port', String(redisPort), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--maxmemory-policy', 'noeviction']);
    await eventually('PostgreSQL answering', async () => (await run(`${bin}/pg_isready`, ['-h', '127.0.0.1', '-p', String(pgPort)])).stdout);
    await eventually('Redis answering', async () => (await run('redis-cli', ['-p', String(redisPort), 'ping'])).stdout.startsWith('PONG'));
    servers.databaseUrl = `postgres://visavis@127.0.0.1:${pgPort}/postgres`;
    servers.redisUrl = `redis://127.0.0.1:${redisPort}/0`;
    return servers;
  }

  async stop() {
    for (const server of [this.postgres, this.redis]) {
      if (server.exitCode !== null) continue;
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGINT');
      await ended;
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}
