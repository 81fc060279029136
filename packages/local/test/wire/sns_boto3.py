"""Uses SNS through boto3 and prints what it saw as JSON."""

import json
import sys

import boto3
from botocore.exceptions import ClientError

url = sys.argv[1]
sns = boto3.client("sns", endpoint_url=url)
sqs = boto3.client("sqs", endpoint_url=url)


def code(call):
    try:
        call()
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response["Error"]["Message"]]
    return None


topic = sns.create_topic(Name="boto.fifo", Attributes={"FifoTopic": "true"}, Tags=[{"Key": "a", "Value": "b"}])["TopicArn"]
queue = "arn:aws:sqs:us-east-1:000000000000:boto.fifo"
policy = {"kind": [{"prefix": "or"}], "n": [{"numeric": [">", 1]}]}
subscription = sns.subscribe(
    TopicArn=topic,
    Protocol="sqs",
    Endpoint=queue,
    Attributes={"FilterPolicy": json.dumps(policy), "RawMessageDelivery": "true"},
)["SubscriptionArn"]


def publish(n, **more):
    attributes = {
        "kind": {"DataType": "String", "StringValue": "order"},
        "n": {"DataType": "Number", "StringValue": str(n)},
    }
    return sns.publish(TopicArn=topic, Message=f"{n}", MessageAttributes=attributes, **more)


first = publish(1, MessageGroupId="g", MessageDeduplicationId="1")
second = publish(2, MessageGroupId="g", MessageDeduplicationId="2")
batch = sns.publish_batch(
    TopicArn=topic,
    PublishBatchRequestEntries=[
        {"Id": "x", "Message": "x", "MessageGroupId": "g", "MessageDeduplicationId": "2"},
        {"Id": "y", "Message": "y"},
    ],
)
queue_url = sqs.get_queue_url(QueueName="boto.fifo")["QueueUrl"]
received = sqs.receive_message(QueueUrl=queue_url, AttributeNames=["All"], MessageAttributeNames=["All"])

print(
    json.dumps(
        {
            "sequence": [len(first["SequenceNumber"]), second["SequenceNumber"] > first["SequenceNumber"]],
            "duplicate": batch["Successful"][0]["MessageId"] == second["MessageId"],
            "failed": batch["Failed"][0]["Code"],
            "received": [[each["Body"], each["Attributes"]["MessageGroupId"]] for each in received["Messages"]],
            "attributes": sns.get_subscription_attributes(SubscriptionArn=subscription)["Attributes"],
            "topic": sns.get_topic_attributes(TopicArn=topic)["Attributes"]["FifoTopic"],
            "tags": sns.list_tags_for_resource(ResourceArn=topic)["Tags"],
            "errors": [
                code(lambda: sns.publish(TopicArn=topic, Message="x")),
                code(lambda: sns.get_topic_attributes(TopicArn=topic.replace("boto", "none"))),
                code(
                    lambda: sns.set_subscription_attributes(
                        SubscriptionArn=subscription, AttributeName="FilterPolicy", AttributeValue='{"a":[]}'
                    )
                ),
            ],
        }
    )
)
