/** The one store there is, as the API calls it. */
export const storeId = 'file';
