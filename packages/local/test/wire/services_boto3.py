"""Uses DynamoDB, SES and EventBridge Scheduler through boto3 and prints what it saw as JSON."""

import json
import sys

import boto3
from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError

url = sys.argv[1]


def client(name):
    return boto3.client(name, endpoint_url=url)


def error(call, **parameters):
    try:
        call(**parameters)
    except ClientError as refused:
        return refused.response
    return None


dynamodb = client("dynamodb")
dynamodb.create_table(
    TableName="boto",
    AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "kind")],
    KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    GlobalSecondaryIndexes=[
        {
            "IndexName": "by-kind",
            "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
    BillingMode="PAY_PER_REQUEST",
)
dynamodb.get_waiter("table_exists").wait(TableName="boto")
table = boto3.resource("dynamodb", endpoint_url=url).Table("boto")
with table.batch_writer() as batch:
    for i in range(60):
        batch.put_item(Item={"id": f"i{i}", "kind": "x", "n": i})
condition = {"ConditionExpression": "attribute_not_exists(id)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
again = {"TableName": "boto", "Item": {"id": {"S": "i1"}}, **condition}
put = error(dynamodb.put_item, **again)
cancelled = error(dynamodb.transact_write_items, TransactItems=[{"Put": again}])
pages = dynamodb.get_paginator("scan").paginate(TableName="boto", PaginationConfig={"PageSize": 25})

sesv2, ses = client("sesv2"), client("ses")
sender = "no-reply@example.com"
sesv2.create_email_identity(EmailIdentity=sender)
sesv2.send_email(
    FromEmailAddress=sender,
    Destination={"ToAddresses": ["a@example.com"]},
    Content={"Raw": {"Data": b"Subject: two\r\n\r\nhi"}},
)
ses.send_raw_email(RawMessage={"Data": b"From: no-reply@example.com\r\nTo: b@example.com\r\nSubject: one\r\n\r\nhi"})
message = {"Subject": {"Data": "s"}, "Body": {"Text": {"Data": "t"}}}
rejected = error(ses.send_email, Source="x@example.org", Destination={"ToAddresses": ["a@example.com"]}, Message=message)

scheduler = client("scheduler")
scheduler.create_schedule(
    Name="boto",
    ScheduleExpression="rate(1 minute)",
    FlexibleTimeWindow={"Mode": "OFF"},
    Target={
        "Arn": "arn:aws:sqs:us-east-1:000000000000:work",
        "RoleArn": "arn:aws:iam::000000000000:role/any",
        "Input": "from boto3",
    },
)

print(
    json.dumps(
        {
            "query": table.query(IndexName="by-kind", KeyConditionExpression=Key("kind").eq("x"))["Count"],
            "scan": table.scan(FilterExpression=Attr("n").gt(50))["Count"],
            "pages": [page["Count"] for page in pages],
            "put": [put["Error"]["Code"], put["Item"]["id"]],
            "cancelled": [reason["Code"] for reason in cancelled["CancellationReasons"]],
            "identities": [identity["IdentityName"] for identity in sesv2.list_email_identities()["EmailIdentities"]],
            "rejected": rejected["Error"]["Code"],
            "missing": error(sesv2.get_email_identity, EmailIdentity="x@example.org")["Error"]["Code"],
            "schedule": scheduler.get_schedule(Name="boto")["ScheduleExpression"],
            "schedules": [schedule["Name"] for schedule in scheduler.list_schedules(GroupName="default")["Schedules"]],
            "unknown": error(scheduler.get_schedule, Name="x")["Error"]["Code"],
        }
    )
)
