import { badRequest, type CloudError, conflict, notFound } from '#kit/errors/cloud-error.ts';

/** Errors every noun words alike, as in neutron_lib/exceptions/__init__.py; a noun's own stand in its `errors.ts`. */

/** webob's plain 400, which Neutron answers for bodies and queries it cannot take. */
export const badBody = (message: string): CloudError => badRequest(message, { type: 'HTTPBadRequest' });

/** `InvalidInput`: 400. */
export const invalidInput = (message: string): CloudError =>
  badRequest(`Invalid input for operation: ${message}.`, { type: 'InvalidInput' });

/** `BadRequest`: 400 naming a resource. */
export const badResource = (resource: string, message: string): CloudError =>
  badRequest(`Bad ${resource} request: ${message}.`, { type: 'BadRequest' });

/** What a caller learns of a thing policy hides from them. */
export const hidden = (): CloudError =>
  notFound('The resource could not be found.', { type: 'HTTPNotFound' });

/** 404: there is no such network, or the caller may not see it. */
export const networkNotFound = (id: string): CloudError =>
  notFound(`Network ${id} could not be found.`, { type: 'NetworkNotFound' });
/** 404: there is no such subnet, or the caller may not see it. */
export const subnetNotFound = (id: string): CloudError =>
  notFound(`Subnet ${id} could not be found.`, { type: 'SubnetNotFound' });
/** 404: there is no such port, or the caller may not see it. */
export const portNotFound = (id: string): CloudError =>
  notFound(`Port ${id} could not be found.`, { type: 'PortNotFound' });
/** 404: neither an id nor, where names are taken, a name of a group the caller may use. */
export const securityGroupNotFound = (id: string): CloudError =>
  notFound(`Security group ${id} does not exist`, { type: 'SecurityGroupNotFound' });

/** 409: the address was asked for by name, and another port of the network holds it. */
export const ipAddressInUse = (networkId: string, address: string): CloudError =>
  conflict(`Unable to complete operation for network ${networkId}. The IP address ${address} is in use.`, {
    type: 'IpAddressInUse',
  });
