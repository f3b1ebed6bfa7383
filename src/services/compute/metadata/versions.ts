/** The versions of EC2's format, oldest first. */
export const ec2Versions = [
  '1.0',
  '2007-01-19',
  '2007-03-01',
  '2007-08-29',
  '2007-10-10',
  '2007-12-15',
  '2008-02-01',
  '2008-09-01',
  '2009-04-04',
] as const;

/** The versions of OpenStack's format, named after the day of a release, oldest first. */
export const openstackVersions = [
  '2012-08-10',
  '2013-04-04',
  '2013-10-17',
  '2015-10-15',
  '2016-06-30',
  '2016-10-06',
  '2017-02-22',
  '2018-08-27',
  '2020-10-14',
  '2025-04-04',
] as const;

/** A directory of the EC2 format. In the order of {@link ec2Versions} each has what the ones before it have. */
export type Ec2Version = (typeof ec2Versions)[number];

/** A directory of the OpenStack format. Being dates, versions compare as text. */
export type OpenstackVersion = (typeof openstackVersions)[number];

/** The releases that brought something new to OpenStack's format. */
export const releases = {
  grizzly: '2013-04-04',
  havana: '2013-10-17',
  liberty: '2015-10-15',
  newtonOne: '2016-06-30',
  newtonTwo: '2016-10-06',
  victoria: '2020-10-14',
} as const satisfies Record<string, OpenstackVersion>;

/** A version by its name, or the newest for `latest`; undefined when there is none of that name. */
export function versionNamed<const V extends string>(versions: readonly V[], name: string): V | undefined {
  return name === 'latest' ? versions.at(-1) : versions.find((version) => version === name);
}
