/** Whether a type is one of an API's binary media types, in which a star stands for any. */
export function isBinary(type: string | undefined, binaryMediaTypes: readonly string[]): boolean {
  const plain = (type ?? 'application/json').split(';')[0]!.trim().toLowerCase();
  return binaryMediaTypes.some((binary) => {
    const wanted = binary.toLowerCase();
    return (
      wanted === '*/*' || wanted === plain || (wanted.endsWith('/*') && plain.startsWith(wanted.slice(0, -1)))
    );
  });
}

/**
 * A body as a function gets it.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings.html
 */
export function bodyOf(body: Buffer, type: string | undefined, binaryMediaTypes: readonly string[]) {
  if (body.length === 0) {
    return { body: null, isBase64Encoded: false };
  }
  const encoded = isBinary(type, binaryMediaTypes);
  return { body: body.toString(encoded ? 'base64' : 'utf8'), isBase64Encoded: encoded };
}

/** Whether a body in base64 becomes bytes: the first type that the client accepts decides. */
export function wantsBytes(accept: string | undefined, binaryMediaTypes: readonly string[]): boolean {
  return isBinary(accept?.split(',')[0], binaryMediaTypes);
}
