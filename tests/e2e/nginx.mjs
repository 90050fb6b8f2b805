// nginx of the tests' own in front of a demo, with nothing set but what it needs to run in a folder of its own: the
// limits for request lines, request headers and answers are its defaults.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { freePort } from './ports.mjs';
import { Server } from './servers.mjs';

export class Nginx extends Server {
  /** Starts one for `target`, an http URL; `url` is what browsers use. */
  static async start({ target }) {
    const nginx = new Nginx('nginx');
    nginx.port = await freePort();
    nginx.url = `http://127.0.0.1:${nginx.port}`;
    const file = path.join(nginx.folder, 'nginx.conf');
    writeFileSync(file, nginx.#configuration(target));
    const program = existsSync('/usr/sbin/nginx') ? '/usr/sbin/nginx' : 'nginx';
    await nginx.launch(program, ['-p', nginx.folder, '-e', 'stderr', '-c', file], /start worker process /);
    return nginx;
  }

  /** The status of every answer, oldest first. */
  get statuses() {
    return readFileSync(this.#answers, 'utf8').trim().split('\n').map(Number);
  }

  get #answers() {
    return path.join(this.folder, 'answers.log');
  }

  async stop() {
    await super.stop('SIGQUIT');
    await this.remove();
  }

  #configuration(target) {
    const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
    return `
      ${process.getuid() === 0 ? 'user root;' : ''}
      daemon off;
      worker_processes 1;
      pid ${this.folder}/nginx.pid;
      error_log stderr notice;
      events {}
      http {
        ${folders.map((name) => `${name}_temp_path ${this.folder}/${name};`).join('\n        ')}
        log_format status '$status';
        access_log ${this.#answers} status;
        server {
          listen 127.0.0.1:${this.port};
          location / {
            proxy_pass ${target};
            proxy_set_header Host $http_host;
          }
        }
      }`;
  }
}
