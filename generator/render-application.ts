// All that is generated for one application. Pure.
import type { Application } from './config/application.js';
import { renderBakeService, renderService } from './render-service.js';
import { renderSocket } from './render-socket.js';
import type { UnitFile } from './unit-file.js';

export function renderApplication(application: Application): readonly UnitFile[] {
  const { name } = application;
  return [
    { kind: 'file', path: `${name}.socket`, text: renderSocket(application) },
    { kind: 'file', path: `${name}.service`, text: renderService(application) },
    { kind: 'file', path: `${name}-bake.service`, text: renderBakeService(application) },
    { kind: 'link', path: `sockets.target.wants/${name}.socket`, target: `../${name}.socket` },
  ];
}
