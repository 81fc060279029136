import { arnIn, hex, isoSeconds, uuid } from './context';
import type { SampleContext } from './context';

/** Version 2. @see https://docs.aws.amazon.com/lexv2/latest/dg/lambda-input-format.html */
export function lex() {
  const city = { value: { originalValue: 'Berlin', interpretedValue: 'Berlin', resolvedValues: ['Berlin'] } };
  const intent = {
    name: 'BookHotel',
    slots: { City: { shape: 'Scalar' as const, ...city }, Nights: null },
    state: 'InProgress' as const,
    confirmationState: 'None' as const,
  };
  return {
    messageVersion: '1.0',
    invocationSource: 'DialogCodeHook' as const,
    inputMode: 'Text' as const,
    responseContentType: 'text/plain; charset=utf-8',
    sessionId: hex(8),
    inputTranscript: 'a hotel in Berlin',
    bot: {
      id: hex(5).toUpperCase(),
      name: 'BookTrip',
      aliasId: 'TSTALIASID',
      aliasName: 'TestBotAlias',
      localeId: 'en_US',
      version: 'DRAFT',
    },
    interpretations: [{ intent, nluConfidence: 0.92 }],
    proposedNextState: {
      dialogAction: { type: 'ElicitSlot' as const, slotToElicit: 'Nights' },
      intent,
    },
    requestAttributes: {},
    sessionState: { sessionAttributes: {}, activeContexts: [], intent, originatingRequestId: uuid() },
    transcriptions: [
      {
        transcription: 'a hotel in Berlin',
        transcriptionConfidence: 1,
        resolvedContext: { intent: 'BookHotel' },
        resolvedSlots: { City: { shape: 'Scalar' as const, ...city } },
      },
    ],
  };
}

/** An intent of a custom skill. @see https://developer.amazon.com/en-US/docs/alexa/custom-skills/request-and-response-json-reference.html */
export function alexaSkill(context: SampleContext) {
  const application = { applicationId: `amzn1.ask.skill.${uuid()}` };
  const user = { userId: `amzn1.ask.account.${hex(16).toUpperCase()}` };
  return {
    version: '1.0',
    session: {
      new: true,
      sessionId: `amzn1.echo-api.session.${uuid()}`,
      application,
      attributes: {},
      user,
    },
    context: {
      System: {
        application,
        user,
        device: { deviceId: `amzn1.ask.device.${hex(16).toUpperCase()}`, supportedInterfaces: {} },
        apiEndpoint: 'https://api.amazonalexa.com',
        apiAccessToken: 'sample',
      },
    },
    request: {
      type: 'IntentRequest',
      requestId: `amzn1.echo-api.request.${uuid()}`,
      timestamp: isoSeconds(context),
      locale: 'en-US',
      dialogState: 'COMPLETED',
      intent: {
        name: 'OrderIntent',
        confirmationStatus: 'NONE',
        slots: { Item: { name: 'Item', value: 'tea', confirmationStatus: 'NONE', source: 'USER' } },
      },
    },
  };
}

/** A directive of the Smart Home API. @see https://developer.amazon.com/en-US/docs/alexa/device-apis/alexa-powercontroller.html */
export function alexaSmartHome() {
  return {
    directive: {
      header: {
        namespace: 'Alexa.PowerController',
        name: 'TurnOn',
        messageId: uuid(),
        correlationToken: hex(16),
        payloadVersion: '3',
      },
      endpoint: {
        scope: { type: 'BearerToken', token: 'sample' },
        endpointId: 'endpoint-001',
        cookie: {},
      },
      payload: {},
    },
  };
}

/** A pressed button. @see https://docs.aws.amazon.com/iot-1-click/latest/developerguide/1click-programming.html */
export function iotButton({ now, accountId, region }: SampleContext) {
  const deviceId = `G030PM${hex(5).toUpperCase()}`;
  return {
    deviceEvent: {
      buttonClicked: { clickType: 'SINGLE', reportedTime: new Date(now).toISOString() },
    },
    deviceInfo: {
      attributes: { projectName: 'sample', projectRegion: region, placementName: 'kitchen' },
      type: 'button',
      deviceId,
      remainingLife: 99.8,
    },
    placementInfo: {
      projectName: 'sample',
      placementName: 'kitchen',
      attributes: { accountId },
      devices: { button: deviceId },
    },
  };
}

/** What a rule selects from a message: `SELECT *, topic() AS topic, timestamp() AS timestamp`. @see https://docs.aws.amazon.com/lambda/latest/dg/services-iot.html */
export function iotRule(context: SampleContext) {
  return {
    temperature: 21.5,
    humidity: 40,
    deviceArn: arnIn(context, 'iot', 'thing/thermometer-1'),
    topic: 'sensors/thermometer-1',
    timestamp: context.now,
  };
}
